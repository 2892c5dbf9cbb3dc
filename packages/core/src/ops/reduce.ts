/**
 * Reductions: many elements to one, along axes.
 *
 * Each takes `{ axis, keepDims }`: the axes to reduce (default all) and whether they stay with size 1
 * (default false). Of no elements, a sum is 0, a product 1, all() true and any() false; the others
 * throw a ShapeError.
 */
import { describe, run } from '../engine.js';
import { ShapeError } from '../errors.js';
import { tidy } from '../memory.js';
import type { DType, Tensor } from '../tensor.js';
import { axisIndices, checkNumeric, checkTensor, shapeText, sizeOf } from './arguments.js';
import { mul, squaredDifference } from './binary.js';
import { cast } from './cast.js';
import { greater } from './compare.js';
import { isRecording, runStopped } from './recording.js';
import { sqrt, square } from './unary.js';
import { where } from './where.js';

export interface ReduceOptions {
  /** Axes to reduce; negative ones count from the end. Default: all. */
  readonly axis?: number | readonly number[];
  /** Keep the reduced axes with size 1. Default false. */
  readonly keepDims?: boolean;
}

/** Σx. Of int32 and bool, int32. */
export function sum(x: Tensor, options: ReduceOptions = {}): Tensor {
  return reduce('Sum', 'sum', x, options, 0);
}

/** Σx / n, float32. */
export function mean(x: Tensor, options: ReduceOptions = {}): Tensor {
  return reduce('Mean', 'mean', x, options, null);
}

/** Πx. Of int32, int32. */
export function prod(x: Tensor, options: ReduceOptions = {}): Tensor {
  return reduce('Prod', 'prod', x, options, 1);
}

/** The largest element. Elements that share it share the gradient. */
export function max(x: Tensor, options: ReduceOptions = {}): Tensor {
  return reduce('Max', 'max', x, options, null);
}

/** The smallest element. Elements that share it share the gradient. */
export function min(x: Tensor, options: ReduceOptions = {}): Tensor {
  return reduce('Min', 'min', x, options, null);
}

/** Whether all elements hold, of a bool tensor. */
export function all(x: Tensor, options: ReduceOptions = {}): Tensor {
  return reduce('All', 'all', x, options, 1);
}

/** Whether an element holds, of a bool tensor. */
export function any(x: Tensor, options: ReduceOptions = {}): Tensor {
  return reduce('Any', 'any', x, options, 0);
}

/** The mean of (x − mean(x))²: the population variance, divided by n. Float32. */
export function variance(x: Tensor, options: ReduceOptions = {}): Tensor {
  checkTensor(x, 'variance');
  checkNumeric(x, 'variance');
  return tidy(() => {
    const center = reduce('Mean', 'variance', x, { ...options, keepDims: true }, null);
    return mean(squaredDifference(x, center), options);
  });
}

/** The Euclidean norm √Σx², float32. Its gradient at 0 is 0. */
export function norm(x: Tensor, options: ReduceOptions = {}): Tensor {
  checkTensor(x, 'norm');
  checkNumeric(x, 'norm');
  return tidy(() => {
    const squares = sum(square(cast(x, 'float32')), options);
    if (!isRecording()) return sqrt(squares);
    // The derivative of the root at 0 is infinite; it is never reached there.
    const positive = greater(squares, 0);
    return where(positive, sqrt(where(positive, squares, 1)), mul(squares, 0));
  });
}

function reduce(
  kernel: string,
  op: string,
  x: Tensor,
  options: ReduceOptions,
  ofNothing: number | null,
): Tensor {
  checkTensor(x, op);
  const logical = kernel === 'All' || kernel === 'Any';
  if (logical ? x.dtype !== 'bool' : x.dtype === 'string' || x.dtype === 'complex64') {
    throw new ShapeError(
      `${op}() takes a ${logical ? 'bool' : 'numeric'} tensor. Received: ${describe(x)}. ` +
        `${logical ? 'Compare it first, for example notEqual(x, 0).' : 'cast() it first.'}`,
    );
  }
  const axes = axisIndices(options.axis, x.shape.length, op);
  const keepDims = options.keepDims ?? false;
  if (x.size === 0) return reduceNothing(kernel, op, x, axes, keepDims, ofNothing);
  // A scalar, or no axes: every element stays itself.
  if (axes.length === 0) return cast(x, resultDType(kernel, x));
  const attrs = kernel === 'Max' ? { reductionIndices: axes, keepDims } : { axis: axes, keepDims };
  if (logical) return runStopped(kernel, { x }, attrs);
  if (x.dtype !== 'bool') return run(kernel, { x }, attrs);
  return tidy(() => run(kernel, { x: cast(x, 'int32') }, attrs));
}

function resultDType(kernel: string, x: Tensor): DType {
  if (kernel === 'Mean') return 'float32';
  if (kernel === 'All' || kernel === 'Any') return 'bool';
  return x.dtype === 'bool' ? 'int32' : x.dtype;
}

function reduceNothing(
  kernel: string,
  op: string,
  x: Tensor,
  axes: readonly number[],
  keepDims: boolean,
  value: number | null,
): Tensor {
  const shape = keepDims
    ? x.shape.map((d, i) => (axes.includes(i) ? 1 : d))
    : x.shape.filter((_, i) => !axes.includes(i));
  if (value === null && sizeOf(shape) > 0) {
    throw new ShapeError(
      `${op}() of no elements is undefined. Received: shape ${shapeText(x.shape)} reduced along axes ${shapeText(axes)}. ` +
        'Check for the empty case first.',
    );
  }
  return run('Fill', {}, { shape, value: value ?? 0, dtype: resultDType(kernel, x) });
}
