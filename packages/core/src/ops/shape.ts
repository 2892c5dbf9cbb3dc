/** The same elements in another shape or order of axes. */
import { describe, run } from '../engine.js';
import { ConfigError, ShapeError } from '../errors.js';
import { tidy } from '../memory.js';
import type { Shape, Tensor } from '../tensor.js';
import {
  axisIndex,
  axisIndices,
  checkInteger,
  checkTensor,
  sameShape,
  shapeText,
  sizeOf,
} from './arguments.js';

/**
 * The elements of `x`, in row-major order, in another shape. One size may be −1: what is left over.
 *
 * @throws ShapeError when the sizes do not multiply to the number of elements.
 */
export function reshape(x: Tensor, shape: Shape): Tensor {
  checkTensor(x, 'reshape');
  return run('Reshape', { x }, { shape: completeShape(x, shape) });
}

/** `x` with the axes from `startAxis` (default 0) on made one. */
export function flatten(x: Tensor, startAxis: number = 0): Tensor {
  checkTensor(x, 'flatten');
  if (x.shape.length === 0) return run('Reshape', { x }, { shape: [1] });
  const at = axisIndex(startAxis, x.shape.length, 'flatten');
  return run('Reshape', { x }, { shape: [...x.shape.slice(0, at), sizeOf(x.shape.slice(at))] });
}

/** `x` with its axes in the order `perm`; default: reversed. Axis i of the result is axis perm[i] of x. */
export function transpose(x: Tensor, perm?: readonly number[]): Tensor {
  checkTensor(x, 'transpose');
  const rank = x.shape.length;
  const order = perm
    ? perm.map((axis) => axisIndex(axis, rank, 'transpose'))
    : Array.from({ length: rank }, (_, i) => rank - 1 - i);
  if (order.length !== rank || new Set(order).size !== rank) {
    throw new ConfigError(
      `The order of transpose() names each axis once. Received: ${shapeText(perm ?? order)} for a tensor of shape ${shapeText(x.shape)}.`,
    );
  }
  if (order.every((axis, i) => axis === i)) return run('Identity', { x });
  return run('Transpose', { x }, { perm: order });
}

/** `x` with an axis of size 1 put in at `axis` of the result; −1 is the end. */
export function expandDims(x: Tensor, axis: number): Tensor {
  checkTensor(x, 'expandDims');
  const at = axisIndex(axis, x.shape.length + 1, 'expandDims');
  return run('Reshape', { x }, { shape: [...x.shape.slice(0, at), 1, ...x.shape.slice(at)] });
}

/**
 * `x` without the named axes, which have size 1; default: without any axis of size 1.
 *
 * @throws ShapeError when a named axis has another size.
 */
export function squeeze(x: Tensor, axes?: number | readonly number[]): Tensor {
  checkTensor(x, 'squeeze');
  const named = axes === undefined ? null : new Set(axisIndices(axes, x.shape.length, 'squeeze'));
  const wrong = named && [...named].find((axis) => x.shape[axis] !== 1);
  if (wrong !== null && wrong !== undefined) {
    throw new ShapeError(
      `squeeze() removes axes of size 1. Received: axis ${wrong} of shape ${shapeText(x.shape)}. Slice it, or reshape().`,
    );
  }
  const shape = x.shape.filter((size, axis) => (named ? !named.has(axis) : size !== 1));
  return run('Reshape', { x }, { shape });
}

/** `x` repeated reps[i] times along each axis i. */
export function tile(x: Tensor, reps: readonly number[]): Tensor {
  checkTensor(x, 'tile');
  if (!Array.isArray(reps) || reps.length !== x.shape.length) {
    throw new ConfigError(
      `tile() takes one count for each axis. Received: ${describe(reps)} for a tensor of shape ${shapeText(x.shape)}.`,
    );
  }
  reps.forEach((n) => checkInteger(n, 0, 'A count of tile()'));
  return run('Tile', { x }, { reps: [...reps] });
}

/** `x` repeated along axes of size 1, and along new axes in front, to fill `shape`. */
export function broadcastTo(x: Tensor, shape: Shape): Tensor {
  checkTensor(x, 'broadcastTo');
  if (sameShape(x.shape, shape)) return run('Identity', { x });
  const added = shape.length - x.shape.length;
  const fits = added >= 0 && x.shape.every((d, i) => d === 1 || d === shape[added + i]);
  if (!fits) {
    throw new ShapeError(
      `broadcastTo() repeats axes of size 1: aligned at the last axis, other sizes must agree. ` +
        `Received: shape ${shapeText(x.shape)} to ${shapeText(shape)}.`,
    );
  }
  const aligned = [...Array.from({ length: added }, () => 1), ...x.shape];
  const reps = shape.map((d, i) => (aligned[i] === d ? 1 : d));
  return tidy(() =>
    run('Tile', { x: added > 0 ? run('Reshape', { x }, { shape: aligned }) : x }, { reps }),
  );
}

/** `x` with the order of elements along the axes reversed; default: along all. */
export function reverse(x: Tensor, axes?: number | readonly number[]): Tensor {
  checkTensor(x, 'reverse');
  const dims = axisIndices(axes, x.shape.length, 'reverse');
  if (dims.length === 0) return run('Identity', { x });
  return run('Reverse', { x }, { dims });
}

function completeShape(x: Tensor, shape: Shape): number[] {
  const open = Array.isArray(shape) ? shape.indexOf(-1) : -2;
  const known = open < 0 ? shape : shape.filter((_, i) => i !== open);
  if (open !== -2 && known.every((d) => Number.isInteger(d) && d >= 0)) {
    const size = sizeOf(known);
    if (open < 0 ? size === x.size : size > 0 && x.size % size === 0) {
      return open < 0 ? [...shape] : shape.map((d) => (d === -1 ? x.size / size : d));
    }
  }
  throw new ShapeError(
    `reshape() keeps the number of elements; one size may be -1. Received: shape ${shapeText(x.shape)} (${x.size} elements) ` +
      `to ${Array.isArray(shape) ? shapeText(shape) : describe(shape)}.`,
  );
}
