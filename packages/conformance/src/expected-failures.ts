import { ConfigError } from '@stratajs/core';

/**
 * Gaps that an engine declares: the full name of a check or spec → the reason. A name may hold `*`,
 * which stands for any text; every check that it names must fail. A declared gap that passes fails.
 */
export type ExpectedFailures = Readonly<Record<string, string>>;

export interface Gaps {
  /** The reason why the check of this name is expected to fail, or null when it must pass. */
  reason(name: string): string | null;
  /** Declared names that no check has had so far. */
  unmatched(): string[];
}

/** @throws ConfigError when a gap has no reason. */
export function declaredGaps(expected: ExpectedFailures): Gaps {
  const gaps = Object.entries(expected).map(([name, reason]) => {
    if (typeof reason !== 'string' || reason.trim() === '') {
      throw new ConfigError(
        `An expected failure says why. Received: '${name}' with the reason '${String(reason)}'. Write one sentence.`,
      );
    }
    return { name, reason, pattern: asPattern(name), matched: false };
  });
  return {
    reason(name) {
      let reason: string | null = null;
      for (const gap of gaps) {
        if (!gap.pattern.test(name)) continue;
        gap.matched = true;
        reason ??= gap.reason;
      }
      return reason;
    },
    unmatched: () => gaps.filter((gap) => !gap.matched).map((gap) => gap.name),
  };
}

/**
 * Turns a result round where a gap is declared.
 *
 * @throws what the check threw when it should have passed, or an Error when a declared gap passed.
 */
export function judge(name: string, error: Error | null, reason: string | null): void {
  if (reason === null) {
    if (error) throw error;
  } else if (!error) {
    throw new Error(
      `'${name}' passes, but is declared as a gap: ${reason} Remove it from expectedFailures.`,
    );
  }
}

function asPattern(name: string): RegExp {
  const literal = name.split('*').map((part) => part.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&'));
  return new RegExp(`^${literal.join('.*')}$`, 's');
}
