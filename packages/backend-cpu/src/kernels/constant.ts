import type { NumericArray } from '../storage/data-table.js';
import type { Runtime } from './kernel.js';

/** From so many elements on, the pool's threads fill faster than one. */
const LEAST_NATIVE = 32_768;

/** A copy of one element over one axis, as native/kernels/strided-copy.cc reads it: a stride of 0 repeats. */
const repeat = Int32Array.of(1, 0, 0, 0, 0, 1);

/** Sets every element of `values`. */
export function fillWith({ native }: Runtime, values: NumericArray, value: number): void {
  if (values.length < LEAST_NATIVE) {
    values.fill(value);
    return;
  }
  const once = values.slice(0, 1);
  once[0] = value;
  repeat[3] = values.length;
  native.stridedCopy(once, values, repeat);
}
