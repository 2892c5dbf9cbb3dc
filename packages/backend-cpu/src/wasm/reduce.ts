/**
 * Sums and means of float32. They add up in float64: tfjs's WASM kernels add in float32, which is off in
 * the fifth digit after 300,000 elements.
 */
import { backend_util, type TensorInfo, util } from '@tensorflow/tfjs-core';
import { type MakeWasmKernel, using, type WasmKernelSet } from './kernel.js';

interface Attributes {
  readonly axis?: number | number[];
  readonly keepDims?: boolean;
}

function reduction(mean: boolean): MakeWasmKernel<{ readonly x: TensorInfo }, Attributes> {
  return (runtime) => {
    const { backend } = runtime;
    const reduce = (
      x: TensorInfo,
      size: number,
      axis: 'first' | 'last',
      shape: number[],
    ): TensorInfo => {
      const y = backend.makeOutput(shape, 'float32');
      const sums = axis === 'last' ? sumRows : sumColumns;
      sums(
        backend.typedArrayFromHeap(x) as Float32Array,
        backend.typedArrayFromHeap(y) as Float32Array,
        size,
        mean ? size : 1,
      );
      return y;
    };
    return ({ x }, { axis, keepDims }) => {
      if (x.dtype !== 'float32') return undefined;
      const rank = x.shape.length;
      const axes = util.parseAxisParam(axis as number | number[], x.shape);
      const [kept, reduced] = backend_util.computeOutAndReduceShapes(x.shape, axes);
      const size = util.sizeFromShape(reduced);
      if (size === 0) return undefined;
      const shape = keepDims ? backend_util.expandShapeToKeepDim(kept, axes) : kept;
      const order = axes.toSorted((a, b) => a - b);
      if (order.every((a, i) => a === rank - order.length + i))
        return reduce(x, size, 'last', shape);
      if (order.every((a, i) => a === i)) return reduce(x, size, 'first', shape);
      const rest = x.shape.map((_, d) => d).filter((d) => !axes.includes(d));
      const perm = [...rest, ...order];
      return using(runtime, runtime.run('Transpose', { x }, { perm }), (t) =>
        reduce(t, size, 'last', shape),
      );
    };
  };
}

/** y[i] = Σ of the i-th `size` neighbours / divisor. */
function sumRows(x: Float32Array, y: Float32Array, size: number, divisor: number): void {
  for (let i = 0, at = 0; i < y.length; i++) {
    let sum = 0;
    for (const end = at + size; at < end; at++) sum += x[at] as number;
    y[i] = sum / divisor;
  }
}

/** y = Σ of `size` rows as long as y / divisor. */
function sumColumns(x: Float32Array, y: Float32Array, size: number, divisor: number): void {
  const sums = new Float64Array(y.length);
  for (let i = 0, at = 0; i < size; i++) {
    for (let j = 0; j < y.length; j++, at++) sums[j] = (sums[j] as number) + (x[at] as number);
  }
  for (let j = 0; j < y.length; j++) y[j] = (sums[j] as number) / divisor;
}

export const reductionKernels: WasmKernelSet = { Sum: reduction(false), Mean: reduction(true) };
