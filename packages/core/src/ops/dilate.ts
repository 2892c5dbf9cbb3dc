import type { Tensor } from '../tensor.js';
import { sizeOf } from './arguments.js';
import { pad } from './pad.js';
import { reshape } from './shape.js';
import { slice } from './slice.js';

/**
 * `x` with stride − 1 zeros between its elements along an axis; `length` of them in all, from the last
 * element (the default) to stride − 1 zeros after it.
 */
export function dilate(
  x: Tensor,
  axis: number,
  stride: number,
  length: number = (x.shape[axis]! - 1) * stride + 1,
): Tensor {
  const n = x.shape[axis]!;
  const before = sizeOf(x.shape.slice(0, axis));
  const after = sizeOf(x.shape.slice(axis + 1));
  const spaced = pad(reshape(x, [before * n, 1, after]), [
    [0, 0],
    [0, stride - 1],
    [0, 0],
  ]);
  const rows = reshape(spaced, [before, n * stride, after]);
  return reshape(
    length === n * stride ? rows : slice(rows, 0, [-1, length]),
    x.shape.map((d, i) => (i === axis ? length : d)),
  );
}

/** A filter [h, w, …] of these dilations as a filter without any: zeros between its taps. */
export function dilated(filter: Tensor, dilations: readonly number[]): Tensor {
  return dilations.reduce((f, d, axis) => (d === 1 ? f : dilate(f, axis, d)), filter);
}
