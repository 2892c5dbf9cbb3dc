import type { TensorInfo } from '@tensorflow/tfjs-core';
import { type Runtime, sizeOf } from './kernel.js';

/** From so many elements on, the pool's threads fill faster than one. */
const LEAST_NATIVE = 32_768;

/** A copy of one element over one axis, as native/kernels/strided-copy.cc reads it: a stride of 0 repeats. */
export function repeated(length: number): Int32Array {
  return Int32Array.of(1, 0, 0, length, 0, 1);
}

/** One element, in the array that its dtype is held in. */
export function elementOf(dtype: string, value: number): Float32Array | Int32Array | Uint8Array {
  if (dtype === 'float32') return Float32Array.of(value);
  return dtype === 'int32' ? Int32Array.of(value) : Uint8Array.of(value);
}

/** Sets every element of `y`. */
export function fillWith({ native, backend }: Runtime, y: TensorInfo, value: number): void {
  const length = sizeOf(y.shape);
  if (length < LEAST_NATIVE) backend.values(y).fill(value);
  else native.stridedCopy(elementOf(y.dtype, value), backend.values(y), repeated(length));
}
