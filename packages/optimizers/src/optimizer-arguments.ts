/** Checks of what optimizers are built with. */
import {
  ConfigError,
  describeValue,
  nearest,
  Parameter,
  Scalar,
  scalarValue,
} from '@stratajs/core';
import type { Parameters } from './optimizer.js';

/** Refuses options that `optimizer` does not know, naming the nearest that it does. */
export function checkOptions(optimizer: string, options: object, known: readonly string[]): void {
  if (typeof options !== 'object' || options === null) {
    throw new ConfigError(
      `The options of ${optimizer} are an object. Received: ${describeValue(options)}.`,
    );
  }
  for (const key of Object.keys(options)) {
    if (!known.includes(key)) {
      throw new ConfigError(
        `Unknown option of ${optimizer}. Received: '${key}'.${nearest(key, known)}`,
      );
    }
  }
}

/** A number, or a Scalar that holds one, in [least, below). */
export function checkSetting(
  optimizer: string,
  name: string,
  value: number | Scalar,
  least: number,
  below: number = Infinity,
): void {
  const now: unknown = value instanceof Scalar ? scalarValue(value) : value;
  if (typeof now === 'number' && now >= least && now < below) return;
  const range =
    below === Infinity ? `is a finite number of at least ${least}` : `lies in [${least}, ${below})`;
  throw new ConfigError(`The ${name} of ${optimizer} ${range}. Received: ${describeValue(now)}.`);
}

/** Parameters by name: at least one, each once. */
export function namedParameters(optimizer: string, source: Parameters): Map<string, Parameter> {
  const entries: unknown =
    source !== null && typeof source === 'object' && 'namedParameters' in source
      ? source.namedParameters()
      : source;
  if (
    typeof (entries as Iterable<unknown> | null)?.[Symbol.iterator] !== 'function' ||
    typeof entries === 'string'
  ) {
    throw new ConfigError(
      `${optimizer} takes a model, or pairs of a name and a Parameter. Received: ${describeValue(source)}.`,
    );
  }
  const named = new Map<string, Parameter>();
  const seen = new Map<Parameter, string>();
  for (const entry of entries as Iterable<readonly [unknown, unknown]>) {
    const [name, parameter] = Array.isArray(entry) ? entry : [];
    if (typeof name !== 'string' || !(parameter instanceof Parameter)) {
      throw new ConfigError(
        `${optimizer} takes a model, or pairs of a name and a Parameter. Received: ${describeValue(entry)}. ` +
          'model.namedParameters() gives such pairs.',
      );
    }
    if (named.has(name) || seen.has(parameter)) {
      throw new ConfigError(
        `${optimizer} moves each parameter once. Received: '${name}' ` +
          (named.has(name)
            ? 'twice.'
            : `beside '${seen.get(parameter)}', which is the same Parameter.`),
      );
    }
    named.set(name, parameter);
    seen.set(parameter, name);
  }
  if (named.size === 0) {
    throw new ConfigError(
      `${optimizer} needs a parameter to move. Received: a model, or a list, with none.`,
    );
  }
  return named;
}
