import type { Tensor } from '../tensor.js';
import { sizeOf } from './arguments.js';
import { pad } from './pad.js';
import { reshape } from './shape.js';
import { slice } from './slice.js';

/** `x` with stride − 1 zeros between its elements along an axis. */
export function dilate(x: Tensor, axis: number, stride: number): Tensor {
  const n = x.shape[axis]!;
  const before = sizeOf(x.shape.slice(0, axis));
  const after = sizeOf(x.shape.slice(axis + 1));
  const reach = (n - 1) * stride + 1;
  const spaced = pad(reshape(x, [before * n, 1, after]), [
    [0, 0],
    [0, stride - 1],
    [0, 0],
  ]);
  const kept = slice(reshape(spaced, [before, n * stride, after]), 0, [-1, reach]);
  return reshape(
    kept,
    x.shape.map((d, i) => (i === axis ? reach : d)),
  );
}

/** A filter [h, w, …] of these dilations as a filter without any: zeros between its taps. */
export function dilated(filter: Tensor, dilations: readonly number[]): Tensor {
  return dilations.reduce((f, d, axis) => (d === 1 ? f : dilate(f, axis, d)), filter);
}
