import type { TensorInfo } from '@tensorflow/tfjs-core';
import type { Runtime } from './kernel.js';

const MOST_AXES = 12;

/** As native/kernels/strided-copy.cc reads it; written anew for every copy. */
const plan = new Int32Array(3 + 3 * MOST_AXES);

/**
 * One axis of a copy: its length, and how many elements further on the next position lies in x and in
 * y. A stride of 0 in x repeats.
 */
export interface Axis {
  readonly size: number;
  readonly x: number;
  readonly y: number;
}

/**
 * Writes the plan of a copy over `axes`, outermost first, that starts at these offsets; or gives null
 * for more axes than native code takes. Axes that are one longer axis in both arrays become it.
 */
export function stridedPlan(
  axes: readonly Axis[],
  offsetX: number,
  offsetY: number,
): Int32Array | null {
  let count = 0;
  let at = 0;
  for (let i = axes.length - 1; i >= 0; i--) {
    const { size, x, y } = axes[i] as Axis;
    if (size === 1) continue;
    if (count > 0) {
      const inner = plan[at] as number;
      if (x === (plan[at + 1] as number) * inner && y === (plan[at + 2] as number) * inner) {
        plan[at] = inner * size;
        continue;
      }
    }
    if (count === MOST_AXES) return null;
    at = 3 + 3 * count++;
    plan[at] = size;
    plan[at + 1] = x;
    plan[at + 2] = y;
  }
  if (count === 0) {
    count = 1;
    plan[3] = plan[4] = plan[5] = 1;
  }
  plan[0] = count;
  plan[1] = offsetX;
  plan[2] = offsetY;
  return plan;
}

/** Elements from one position to the next along each axis of a contiguous array. */
export function stridesOf(shape: readonly number[]): number[] {
  const strides: number[] = Array.from({ length: shape.length });
  let stride = 1;
  for (let i = shape.length - 1; i >= 0; i--) {
    strides[i] = stride;
    stride *= shape[i] as number;
  }
  return strides;
}

/**
 * A fresh tensor of `shape` whose axis i takes its positions from x with stride `strides[i]`, from
 * `offset` on; or undefined when native code does not take it.
 */
export function gathered(
  { native, backend }: Runtime,
  x: TensorInfo,
  shape: number[],
  strides: readonly number[],
  offset: number,
): TensorInfo | undefined {
  const own = stridesOf(shape);
  const axes = shape.map((size, i) => ({ size, x: strides[i] as number, y: own[i] as number }));
  const size = shape.reduce((n, length) => n * length, 1);
  const copy = stridedPlan(axes, offset, 0);
  if (copy === null) return undefined;
  const y = backend.allocate(shape, x.dtype as 'float32' | 'int32' | 'bool', size);
  if (size > 0) native.stridedCopy(backend.values(x), backend.values(y), copy);
  return y;
}

/** `x`, seen as of `shape`, with its axes in the order `perm`; the result has `result` as its shape. */
export function permuted(
  runtime: Runtime,
  x: TensorInfo,
  shape: readonly number[],
  perm: readonly number[],
  result: number[],
): TensorInfo | undefined {
  const strides = stridesOf(shape);
  const sizes = perm.map((d) => shape[d] as number);
  const steps = perm.map((d) => strides[d] as number);
  const y = gathered(runtime, x, sizes, steps, 0);
  return y && { ...y, shape: result };
}
