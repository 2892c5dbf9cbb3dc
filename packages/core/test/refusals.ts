import { expect } from 'vitest';
import type { StrataError } from '../src/errors.js';
import { memory } from '../src/memory.js';

/**
 * Expects `fn` to throw an error of this class that names what it received and says all of `says`,
 * and to leave no tensor behind.
 */
export function refuses(fn: () => unknown, type: typeof StrataError, ...says: string[]): void {
  const before = memory().numTensors;
  let error: unknown;
  try {
    fn();
  } catch (e) {
    error = e;
  }
  expect(error).toBeInstanceOf(type);
  const { message } = error as Error;
  for (const part of ['Received', ...says]) expect(message).toContain(part);
  expect(memory().numTensors).toBe(before);
}
