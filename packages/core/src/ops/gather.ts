/** Reading and writing at places named by index tensors. */
import { describe, run } from '../engine.js';
import { ShapeError } from '../errors.js';
import { tidy } from '../memory.js';
import type { Shape, Tensor } from '../tensor.js';
import { axisIndex, checkShape, checkTensor, sameShape, shapeText, sizeOf } from './arguments.js';
import { reshape } from './shape.js';

/**
 * The slices of `x` along an axis (default 0) that `indices` names, in its shape:
 * result[..., i…, ...] = x[..., indices[i…], ...].
 *
 * An index outside the axis throws where the engine computes on the host; elsewhere what is read is
 * undefined.
 */
export function gather(x: Tensor, indices: Tensor, axis: number = 0): Tensor {
  checkTensor(x, 'gather');
  checkIndices(indices, 'gather');
  const at = axisIndex(axis, x.shape.length, 'gather');
  return run('GatherV2', { x, indices }, { axis: at, batchDims: 0 });
}

/**
 * The slices of `x` at places: each row of `indices` [..., k] names one by its first k indices.
 * Result: [..., x.shape[k:]].
 */
export function gatherNd(x: Tensor, indices: Tensor): Tensor {
  checkTensor(x, 'gatherNd');
  checkIndices(indices, 'gatherNd');
  const depth = indices.shape.at(-1);
  if (depth === undefined || depth > x.shape.length || depth === 0) {
    throw new ShapeError(
      `The last axis of the indices of gatherNd() holds from 1 to ${x.shape.length} indices into x. ` +
        `Received: indices ${shapeText(indices.shape)}, x ${shapeText(x.shape)}.`,
    );
  }
  const shape = [...indices.shape.slice(0, -1), ...x.shape.slice(depth)];
  // Engines refuse an x without elements, also where none is read.
  if (sizeOf(shape) === 0) return run('Fill', {}, { shape, value: 0, dtype: x.dtype });
  return run('GatherNd', { params: x, indices });
}

/**
 * Zeros of `shape`, with each update added at the place that its row of `indices` [..., k] names.
 * updates: [..., shape[k:]]. Updates of one place add up.
 */
export function scatterNd(indices: Tensor, updates: Tensor, shape: Shape): Tensor {
  checkIndices(indices, 'scatterNd');
  checkTensor(updates, 'scatterNd', 'updates');
  checkShape(shape, 'scatterNd');
  const depth = indices.shape.at(-1) ?? 0;
  const expected = [...indices.shape.slice(0, -1), ...shape.slice(depth)];
  if (depth < 1 || depth > shape.length || !sameShape(expected, updates.shape)) {
    throw new ShapeError(
      `scatterNd() takes indices [..., k] and updates [..., shape[k:]]. Received: indices ${shapeText(indices.shape)}, ` +
        `updates ${shapeText(updates.shape)}, shape ${shapeText(shape)}; updates would be ${shapeText(expected)}.`,
    );
  }
  if (sizeOf(shape) === 0 || updates.size === 0) {
    return run('Fill', {}, { shape: [...shape], value: 0, dtype: updates.dtype });
  }
  const scatter = (at: Tensor, rows: Tensor): Tensor =>
    run('ScatterNd', { indices: at, updates: rows }, { shape: [...shape] });
  if (indices.shape.length > 1) return scatter(indices, updates);
  // Engines take a lone row of indices for as many rows of one.
  return tidy(() => scatter(reshape(indices, [1, depth]), reshape(updates, [1, ...updates.shape])));
}

function checkIndices(indices: Tensor, op: string): void {
  checkTensor(indices, op, 'indices');
  if (indices.dtype === 'int32') return;
  throw new ShapeError(
    `The indices of ${op}() are int32. Received: ${describe(indices)}. cast() them.`,
  );
}
