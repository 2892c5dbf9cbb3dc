/** Checks of arguments that many operations share. Messages are built only when a check fails. */
import { assertTensor, describe, isTensor } from '../engine.js';
import { ConfigError, ShapeError } from '../errors.js';
import { nearest } from '../nearest.js';
import type { DType, Shape, Tensor } from '../tensor.js';

export function shapeText(shape: Shape): string {
  return `[${shape.join(', ')}]`;
}

/** Throws unless `x` is a live tensor. */
export function checkTensor(x: unknown, op: string, name: string = 'x'): asserts x is Tensor {
  if (isTensor(x) && !x.isDisposed) return;
  assertTensor(x, `The argument ${name} of ${op}()`);
}

const DTYPES: readonly DType[] = ['float32', 'int32', 'bool', 'complex64', 'string'];

export function checkDType(dtype: DType, op: string): void {
  if (DTYPES.includes(dtype)) return;
  throw new ConfigError(
    `Unknown dtype in ${op}(). Received: ${describe(dtype)}.${nearest(String(dtype), DTYPES)}`,
  );
}

/** Throws unless `xs` is a list of at least one live tensor. */
export function checkTensors(xs: unknown, op: string): asserts xs is readonly Tensor[] {
  if (!Array.isArray(xs) || xs.length === 0) {
    const received = Array.isArray(xs) ? 'an empty list' : describe(xs);
    throw new ShapeError(
      `${op}() takes a list of at least one tensor. Received: ${received}. Pass [a, b, …].`,
    );
  }
  for (let i = 0; i < xs.length; i++) checkTensor(xs[i], op, `tensors[${i}]`);
}

/** Throws unless `x` holds numbers (float32 or int32), or booleans where `bool` allows them. */
export function checkNumeric(x: Tensor, op: string, bool: boolean = true): void {
  if (x.dtype === 'float32' || x.dtype === 'int32' || (bool && x.dtype === 'bool')) return;
  throw new ShapeError(
    `${op}() takes float32 or int32 values. Received: ${describe(x)}. ${x.dtype === 'string' ? 'Text has no arithmetic.' : 'cast() it first.'}`,
  );
}

export function checkRank(
  x: Tensor,
  rank: number,
  op: string,
  layout: string,
  name: string = 'x',
): void {
  if (x.shape.length === rank) return;
  throw new ShapeError(
    `The argument ${name} of ${op}() has ${rank} axes ${layout}. Received: shape ${shapeText(x.shape)}. ` +
      'reshape() or expandDims() it first.',
  );
}

/** Whether two shapes are equal. */
export function sameShape(a: Shape, b: Shape): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/** The shape that both broadcast to: aligned at the last axis, sizes equal or one of them 1. */
export function broadcastShapes(a: Shape, b: Shape, op: string): number[] {
  const result = (a.length >= b.length ? a : b).slice();
  const rank = result.length;
  for (let i = 1; i <= rank; i++) {
    const m = a[a.length - i] ?? 1;
    const n = b[b.length - i] ?? 1;
    if (m !== n && m !== 1 && n !== 1) {
      throw new ShapeError(
        `${op}() broadcasts its arguments: aligned at the last axis, sizes must be equal or 1. ` +
          `Received: shapes ${shapeText(a)} and ${shapeText(b)}. reshape() or expandDims() one of them.`,
      );
    }
    result[rank - i] = m === 1 ? n : m;
  }
  return result;
}

/** `axis` as an index from the front; negative ones count from the end. */
export function axisIndex(axis: number, rank: number, op: string): number {
  if (!Number.isInteger(axis) || axis < -rank || axis >= rank) {
    throw new ConfigError(
      rank === 0
        ? `${op}() needs an axis. Received: axis ${describe(axis)} of a scalar, which has none. reshape() it to [1].`
        : `An axis of ${op}() is an integer from ${-rank} to ${rank - 1} here. Received: ${describe(axis)} ` +
            `for a tensor of ${rank} ${rank === 1 ? 'axis' : 'axes'}.`,
    );
  }
  return axis < 0 ? axis + rank : axis;
}

/** Axes as ascending indices from the front; all of them when none are given. */
export function axisIndices(
  axes: number | readonly number[] | undefined,
  rank: number,
  op: string,
): number[] {
  if (axes === undefined || axes === null) {
    const all: number[] = [];
    for (let i = 0; i < rank; i++) all.push(i);
    return all;
  }
  if (typeof axes === 'number') return [axisIndex(axes, rank, op)];
  if (!Array.isArray(axes)) {
    throw new ConfigError(
      `The axes of ${op}() are a number or a list of numbers. Received: ${describe(axes)}.`,
    );
  }
  const indices = axes.map((a) => axisIndex(a as number, rank, op)).sort((a, b) => a - b);
  if (indices.some((a, i) => a === indices[i - 1])) {
    throw new ConfigError(
      `The axes of ${op}() are distinct. Received: ${shapeText(axes)} for a tensor of ${rank} axes. Name each once.`,
    );
  }
  return indices;
}

/** Throws unless every size is an integer of at least 0. */
export function checkShape(shape: Shape, op: string): void {
  if (Array.isArray(shape) && shape.every((d) => Number.isInteger(d) && d >= 0)) return;
  throw new ShapeError(
    `The shape of ${op}() is a list of integers of at least 0. Received: ` +
      `${Array.isArray(shape) ? shapeText(shape) : describe(shape)}.`,
  );
}

/** Throws unless `n` is an integer of at least `least`. */
export function checkInteger(n: number, least: number, what: string): void {
  if (Number.isInteger(n) && n >= least) return;
  throw new ConfigError(`${what} is an integer of at least ${least}. Received: ${describe(n)}.`);
}

export function sizeOf(shape: Shape): number {
  let size = 1;
  for (const d of shape) size *= d;
  return size;
}
