/** Softmax and its logarithm, without overflow. All compute in float32. */
import { describe, run } from '../engine.js';
import { ShapeError } from '../errors.js';
import { noGrad } from '../autodiff/tape.js';
import { tidy } from '../memory.js';
import type { Tensor } from '../tensor.js';
import { axisIndex, axisIndices, checkTensor } from './arguments.js';
import { add, sub } from './binary.js';
import { isFinite as finite } from './compare.js';
import { max, sum } from './reduce.js';
import { reshape, transpose } from './shape.js';
import { exp, log } from './unary.js';
import { where } from './where.js';

/** exp(x) / Σ exp(x) along an axis (default the last). */
export function softmax(x: Tensor, axis: number = -1): Tensor {
  checkFloat(x, 'softmax');
  const rank = x.shape.length;
  const at = axisIndex(axis, rank, 'softmax');
  if (x.size === 0) return run('Identity', { x });
  if (at === rank - 1) return run('Softmax', { logits: x }, { dim: at });
  // The kernel works along the last axis.
  const order = swap(rank, at);
  return tidy(() =>
    transpose(run('Softmax', { logits: transpose(x, order) }, { dim: rank - 1 }), order),
  );
}

/** x − ln Σ exp(x) along an axis (default the last). */
export function logSoftmax(x: Tensor, axis: number = -1): Tensor {
  checkFloat(x, 'logSoftmax');
  const at = axisIndex(axis, x.shape.length, 'logSoftmax');
  if (x.size === 0) return run('Identity', { x });
  return tidy(() => {
    const top = noGrad(() => max(x, { axis: at, keepDims: true }));
    const shifted = sub(x, top);
    return sub(shifted, log(sum(exp(shifted), { axis: at, keepDims: true })));
  });
}

/** ln Σ exp(x) along axes (default all). */
export function logSumExp(
  x: Tensor,
  axes?: number | readonly number[],
  keepDims: boolean = false,
): Tensor {
  checkFloat(x, 'logSumExp');
  const along = axisIndices(axes, x.shape.length, 'logSumExp');
  return tidy(() => {
    const options = { axis: along, keepDims: true };
    const shift = noGrad(() => {
      const top = max(x, options);
      // ∞ − ∞ would be NaN.
      return where(finite(top), top, 0);
    });
    const result = add(log(sum(exp(sub(x, shift)), options)), shift);
    return keepDims
      ? result
      : reshape(
          result,
          x.shape.filter((_, i) => !along.includes(i)),
        );
  });
}

function checkFloat(x: Tensor, op: string): void {
  checkTensor(x, op);
  if (x.dtype === 'float32') return;
  throw new ShapeError(
    `${op}() takes a float32 tensor. Received: ${describe(x)}. cast() it first.`,
  );
}

function swap(rank: number, axis: number): number[] {
  const order = Array.from({ length: rank }, (_, i) => i);
  order[axis] = rank - 1;
  order[rank - 1] = axis;
  return order;
}
