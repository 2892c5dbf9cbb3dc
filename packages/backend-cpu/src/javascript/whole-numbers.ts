/**
 * Arithmetic of int32 modulo 2^32. tfjs computes with JavaScript's numbers, which lose the last digits of
 * products beyond 2^53 (of squares and absolute values beyond 2^24), and gives 0 for powers that overflow.
 */
import { util } from '@tensorflow/tfjs-core';
import { broadcast } from '../kernels/broadcast.js';
import { integers, type JavascriptKernel } from './storage.js';

function unary(f: (x: number) => number): JavascriptKernel {
  return ({ x }, _, storage) =>
    x!.dtype === 'int32'
      ? storage.makeTensorInfo(x!.shape, 'int32', integers(storage, x!).map(f))
      : undefined;
}

function binary(f: (a: number, b: number) => number): JavascriptKernel {
  return ({ a, b }, _, storage) => {
    if (a!.dtype !== 'int32' || b!.dtype !== 'int32') return undefined;
    const spread = broadcast(a!.shape, b!.shape);
    if (spread === null) return undefined;
    const { shape } = spread;
    const [left, right] = [integers(storage, a!), integers(storage, b!)];
    const [stepsA, stepsB] = [steps(a!.shape, shape), steps(b!.shape, shape)];
    const y = new Int32Array(spread.size);
    const index = shape.map(() => 0);
    let [i, j] = [0, 0];
    for (let k = 0; k < y.length; k++) {
      y[k] = f(left[i]!, right[j]!);
      for (let d = shape.length - 1; d >= 0; d--) {
        i += stepsA[d]!;
        j += stepsB[d]!;
        if (++index[d]! < shape[d]!) break;
        index[d] = 0;
        i -= stepsA[d]! * shape[d]!;
        j -= stepsB[d]! * shape[d]!;
      }
    }
    return storage.makeTensorInfo(shape, 'int32', y);
  };
}

/** How far apart the elements are that neighbours along the axes of `shape` come from: 0 where one serves all. */
function steps(from: readonly number[], shape: readonly number[]): number[] {
  const result = shape.map(() => 0);
  for (let i = 1, step = 1; i <= from.length; i++) {
    const size = from.at(-i)!;
    if (size !== 1) result[shape.length - i] = step;
    step *= size;
  }
  return result;
}

/** a^b; of a negative b what is left of the fraction 1 / a^−b, and 0 where a is 0. */
function power(a: number, b: number): number {
  if (b < 0) {
    if (a === 1) return 1;
    return a === -1 ? (b & 1 ? -1 : 1) : 0;
  }
  let y = 1;
  for (let factor = a; b > 0; b >>= 1) {
    if (b & 1) y = Math.imul(y, factor);
    factor = Math.imul(factor, factor);
  }
  return y;
}

/** Πx along axes. */
const product: JavascriptKernel = ({ x }, attrs, storage) => {
  const { axis, keepDims } = attrs as { axis?: number | number[]; keepDims?: boolean };
  if (x!.dtype !== 'int32') return undefined;
  const axes = util.parseAxisParam(axis as number[], x!.shape);
  const kept = x!.shape.map((size, d) => (axes.includes(d) ? 1 : size));
  const to = steps(kept, x!.shape);
  const y = new Int32Array(util.sizeFromShape(kept)).fill(1);
  const index = x!.shape.map(() => 0);
  let at = 0;
  for (const value of integers(storage, x!)) {
    y[at] = Math.imul(y[at]!, value);
    for (let d = index.length - 1; d >= 0; d--) {
      at += to[d]!;
      if (++index[d]! < x!.shape[d]!) break;
      index[d] = 0;
      at -= to[d]! * x!.shape[d]!;
    }
  }
  const shape = keepDims ? kept : kept.filter((_, d) => !axes.includes(d));
  return storage.makeTensorInfo(shape, 'int32', y);
};

/** Each leaves other dtypes to tfjs's kernel. */
export const wholeNumberKernels: Readonly<Record<string, JavascriptKernel>> = {
  // The least int32 stays itself.
  Abs: unary((x) => (x < 0 ? -x : x)),
  Square: unary((x) => Math.imul(x, x)),
  Multiply: binary(Math.imul),
  SquaredDifference: binary((a, b) => Math.imul(a - b, a - b)),
  Pow: binary(power),
  Prod: product,
};
