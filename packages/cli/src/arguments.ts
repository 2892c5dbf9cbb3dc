/** Parsers of option values: a wrong one is a ConfigError with the rule, the value and the remedy. */
import { ConfigError, type ModelOptions } from '@stratajs/core';

/** A whole number of at least `least`. */
export function wholeNumber(name: string, least: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!Number.isSafeInteger(value) || value < least || text.trim() === '') {
      throw new ConfigError(`${name} is a whole number of at least ${least}. Received: '${text}'.`);
    }
    return value;
  };
}

/** A finite number above zero. */
export function positiveNumber(name: string): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!Number.isFinite(value) || value <= 0) {
      throw new ConfigError(`${name} is a number above 0. Received: '${text}'.`);
    }
    return value;
  };
}

/** Collects `--option key=value` into model options; values are read as JSON where they are JSON. */
export function modelOption(text: string, before: ModelOptions): ModelOptions {
  const at = text.indexOf('=');
  if (at < 1) {
    throw new ConfigError(
      `A model option is key=value, for example numClasses=10. Received: '${text}'.`,
    );
  }
  const raw = text.slice(at + 1);
  let value: unknown = raw;
  try {
    value = JSON.parse(raw);
  } catch {
    // Not JSON: a plain word is a string.
  }
  return { ...before, [text.slice(0, at)]: value as ModelOptions[string] };
}
