import { sizeOf } from '../ops/arguments.js';
import type { ProgramValue } from './program.js';

const BYTES = { float32: 4, int32: 4, bool: 1, complex64: 8, string: 0 } as const;

/** Bytes of a value's elements; texts, of any length, are not counted. */
export function valueBytes({ shape, dtype }: ProgramValue): number {
  return sizeOf(shape) * BYTES[dtype];
}
