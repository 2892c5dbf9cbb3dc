/** Kernels that write one value, or nothing. */
import type { DataType, TensorInfo } from '@tensorflow/tfjs-core';
import { fillWith } from './constant.js';
import {
  isNumeric,
  type KernelSet,
  type MakeKernel,
  type Runtime,
  share,
  sizeOf,
} from './kernel.js';

function filled(
  runtime: Runtime,
  shape: number[],
  dtype: 'float32' | 'int32' | 'bool',
  value: number,
): TensorInfo {
  const y = runtime.backend.allocate(shape, dtype, sizeOf(shape));
  fillWith(runtime, y, value);
  return y;
}

interface FillAttributes {
  readonly shape: number[];
  readonly value: number | boolean | string;
  readonly dtype?: DataType;
}

const fill: MakeKernel<object, FillAttributes> =
  (runtime) =>
  (_, { shape, value, dtype }) => {
    const inferred = dtype ?? (typeof value === 'boolean' ? 'bool' : 'float32');
    if (typeof value === 'string' || !isNumeric(inferred)) return undefined;
    return filled(runtime, shape, inferred, Number(value));
  };

function like(value: number): MakeKernel<{ readonly x: TensorInfo }> {
  return (runtime) =>
    ({ x }) =>
      isNumeric(x.dtype) ? filled(runtime, x.shape, x.dtype, value) : undefined;
}

const identity: MakeKernel<{ readonly x: TensorInfo }> =
  (runtime) =>
  ({ x }) =>
    share(runtime, x);

/** Whatever does not fit goes to tfjs, whose messages say why. */
const reshape: MakeKernel<{ readonly x: TensorInfo }, { readonly shape: readonly number[] }> =
  (runtime) =>
  ({ x }, { shape }) => {
    if (!isNumeric(x.dtype)) return undefined;
    const size = sizeOf(x.shape);
    const open = shape.indexOf(-1);
    if (open < 0) return sizeOf(shape) === size ? share(runtime, x, [...shape]) : undefined;
    const rest = -sizeOf(shape);
    if (!(rest > 0) || size % rest !== 0) return undefined;
    const full = [...shape];
    full[open] = size / rest;
    return share(runtime, x, full);
  };

const expandDims: MakeKernel<{ readonly input: TensorInfo }, { readonly dim: number }> =
  (runtime) =>
  ({ input }, { dim }) => {
    const rank = input.shape.length;
    const at = dim < 0 ? rank + 1 + dim : dim;
    if (!isNumeric(input.dtype) || at < 0 || at > rank) return undefined;
    const shape = [...input.shape];
    shape.splice(at, 0, 1);
    return share(runtime, input, shape);
  };

export const fillKernels: KernelSet = {
  Fill: fill,
  ZerosLike: like(0),
  OnesLike: like(1),
  Identity: identity,
  Reshape: reshape,
  ExpandDims: expandDims,
};
