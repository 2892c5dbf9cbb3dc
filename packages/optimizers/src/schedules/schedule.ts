import { ConfigError, describeValue, nearest } from '@stratajs/core';

/** The learning rate of step 0, 1, 2, …; a pure function, so that a resumed run needs nothing but the step. */
export type Schedule = (step: number) => number;

/** Refuses options that the schedule does not know. */
export function checkOptions(schedule: string, options: object, known: readonly string[]): void {
  if (typeof options !== 'object' || options === null) {
    throw new ConfigError(
      `${schedule}() takes an object of options. Received: ${describeValue(options)}.`,
    );
  }
  for (const key of Object.keys(options)) {
    if (!known.includes(key)) {
      throw new ConfigError(
        `Unknown option of ${schedule}(). Received: '${key}'.${nearest(key, known)}`,
      );
    }
  }
}

/** A finite number in [least, most]. */
export function checkNumber(
  schedule: string,
  name: string,
  value: number,
  least: number,
  most: number = Number.MAX_VALUE,
): void {
  if (typeof value === 'number' && value >= least && value <= most) return;
  const range =
    most === Number.MAX_VALUE ? `a finite number of at least ${least}` : `in [${least}, ${most}]`;
  throw new ConfigError(
    `The ${name} of ${schedule}() is ${range}. Received: ${describeValue(value)}.`,
  );
}

/** A whole number of steps, at least 1. */
export function checkSteps(schedule: string, name: string, value: number): void {
  if (Number.isInteger(value) && value >= 1) return;
  throw new ConfigError(
    `The ${name} of ${schedule}() is a whole number of at least 1. Received: ${describeValue(value)}.`,
  );
}
