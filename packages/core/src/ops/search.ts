/** Where the extreme elements are. */
import { runMany } from '../engine.js';
import { ConfigError, ShapeError } from '../errors.js';
import type { Tensor } from '../tensor.js';
import { axisIndex, checkNumeric, checkTensor, shapeText } from './arguments.js';
import { runStopped } from './recording.js';

/** The index of the largest element along an axis (default the last), the first of equals. Int32. */
export function argMax(x: Tensor, axis: number = -1): Tensor {
  return extreme('ArgMax', 'argMax', x, axis);
}

/** The index of the smallest element along an axis (default the last), the first of equals. Int32. */
export function argMin(x: Tensor, axis: number = -1): Tensor {
  return extreme('ArgMin', 'argMin', x, axis);
}

export interface TopK {
  /** [..., k], in descending order. */
  readonly values: Tensor;
  /** [..., k] int32, where in the last axis they are; of equal values the first comes first. */
  readonly indices: Tensor;
}

/** The k largest elements along the last axis. The gradient flows to them through `values`. */
export function topK(x: Tensor, k: number): TopK {
  checkTensor(x, 'topK');
  checkNumeric(x, 'topK', false);
  const length = x.shape.at(-1);
  if (length === undefined) {
    throw new ShapeError('topK() needs an axis. Received: a scalar. reshape() it to [1].');
  }
  if (!Number.isInteger(k) || k < 1 || k > length) {
    throw new ConfigError(
      `The k of topK() is an integer from 1 to the size of the last axis. Received: ${String(k)} of shape ${shapeText(x.shape)}.`,
    );
  }
  if (x.size === 0)
    throw new ShapeError(
      `topK() of no elements is undefined. Received: shape ${shapeText(x.shape)}.`,
    );
  const [values, indices] = runMany('TopK', { x }, { k, sorted: true });
  return { values: values!, indices: indices! };
}

function extreme(kernel: string, op: string, x: Tensor, axis: number): Tensor {
  checkTensor(x, op);
  checkNumeric(x, op, false);
  const at = axisIndex(axis, x.shape.length, op);
  if (x.shape[at] === 0) {
    throw new ShapeError(
      `${op}() of no elements is undefined. Received: shape ${shapeText(x.shape)} along axis ${at}. Check for the empty case first.`,
    );
  }
  return runStopped(kernel, { x }, { axis: at });
}
