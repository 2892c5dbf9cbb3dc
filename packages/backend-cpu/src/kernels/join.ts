/** Kernels that put tensors together or take them apart along an axis. */
import { backend_util, type TensorInfo, util } from '@tensorflow/tfjs-core';
import {
  isNumeric,
  type KernelSet,
  type MakeKernel,
  type Runtime,
  sameShape,
  share,
  sizeOf,
} from './kernel.js';
import { fillWith } from './constant.js';
import { gathered, stridedPlan, stridesOf } from './strided.js';

/** Joins along `axis`; `shape` is that of the result, all inputs have its other lengths. */
function joined(
  { native, backend }: Runtime,
  inputs: readonly TensorInfo[],
  axis: number,
  shape: number[],
): TensorInfo {
  const size = shape.reduce((n, length) => n * length, 1);
  const y = backend.allocate(shape, inputs[0]?.dtype as 'float32' | 'int32' | 'bool', size);
  const outer = shape.slice(0, axis).reduce((n, length) => n * length, 1);
  const pitch = outer === 0 ? 0 : size / outer;
  let offset = 0;
  for (const x of inputs) {
    const values = backend.values(x);
    if (values.length === 0 || size === 0) continue;
    const width = values.length / outer;
    const axes = [
      { size: outer, x: width, y: pitch },
      { size: width, x: 1, y: 1 },
    ];
    native.stridedCopy(values, backend.values(y), stridedPlan(axes, 0, offset) as Int32Array);
    offset += width;
  }
  return y;
}

const sameDtype = (inputs: readonly TensorInfo[]): boolean => {
  const dtype = inputs[0]?.dtype;
  return dtype !== undefined && isNumeric(dtype) && inputs.every((x) => x.dtype === dtype);
};

const concat: MakeKernel<readonly TensorInfo[], { readonly axis: number }> =
  (runtime) =>
  (inputs, { axis }) => {
    const list = Object.values(inputs);
    if (!sameDtype(list)) return undefined;
    const at = util.parseAxisParam(axis, (list[0] as TensorInfo).shape)[0] as number;
    const shapes = list.map((x) => x.shape);
    backend_util.assertParamsConsistent(shapes, at);
    const full = list.filter((x) => !x.shape.includes(0));
    const only = full.length === 1 ? full[0] : undefined;
    const shape = backend_util.computeOutShape(shapes, at);
    if (only !== undefined && sameShape(only.shape, shape)) return share(runtime, only);
    return joined(runtime, list, at, shape);
  };

const pack: MakeKernel<readonly TensorInfo[], { readonly axis: number }> =
  (runtime) =>
  (inputs, { axis }) => {
    const list = Object.values(inputs);
    const first = list[0];
    if (first === undefined || !sameDtype(list)) return undefined;
    if (!list.every((x) => sameShape(x.shape, first.shape))) return undefined;
    const rank = first.shape.length;
    const at = axis < 0 ? axis + rank + 1 : axis;
    if (at < 0 || at > rank) return undefined;
    const shape = [...first.shape];
    shape.splice(at, 0, list.length);
    return joined(runtime, list, at, shape);
  };

/** The part of x along `axis` from `begin` on. */
function part(
  runtime: Runtime,
  x: TensorInfo,
  axis: number,
  begin: number,
  length: number,
): TensorInfo | undefined {
  const strides = stridesOf(x.shape);
  const shape = [...x.shape];
  shape[axis] = length;
  return gathered(runtime, x, shape, strides, begin * (strides[axis] as number));
}

function disposeAll({ backend }: Runtime, parts: readonly (TensorInfo | undefined)[]): void {
  for (const y of parts) if (y) backend.disposeIntermediateTensorInfo(y);
}

const splitV: MakeKernel<
  { readonly x: TensorInfo },
  { readonly numOrSizeSplits: number | number[]; readonly axis: number }
> =
  (runtime) =>
  ({ x }, { numOrSizeSplits, axis }) => {
    if (!isNumeric(x.dtype)) return undefined;
    const at = util.parseAxisParam(axis, x.shape)[0] as number;
    const asTensor = x as Parameters<typeof backend_util.prepareSplitSize>[0];
    const lengths = backend_util.prepareSplitSize(asTensor, numOrSizeSplits, at);
    let begin = 0;
    const parts = lengths.map((length) => {
      const y = part(runtime, x, at, begin, length);
      begin += length;
      return y;
    });
    if (parts.every((y) => y !== undefined)) return parts;
    disposeAll(runtime, parts);
    return undefined;
  };

const unpack: MakeKernel<{ readonly value: TensorInfo }, { readonly axis: number }> =
  (runtime) =>
  ({ value }, { axis }) => {
    if (!isNumeric(value.dtype)) return undefined;
    const at = axis < 0 ? axis + value.shape.length : axis;
    const shape = value.shape.filter((_, d) => d !== at);
    const parts = Array.from({ length: value.shape[at] ?? 0 }, (_, i) => {
      const y = part(runtime, value, at, i, 1);
      return y && { ...y, shape: [...shape] };
    });
    if (parts.every((y) => y !== undefined)) return parts;
    disposeAll(runtime, parts);
    return undefined;
  };

interface PadAttributes {
  readonly paddings: readonly (readonly [number, number])[];
  readonly constantValue: number;
}

/** A copy of `x` amid `value`; undefined when native code does not take it. */
export function padded(
  runtime: Runtime,
  x: TensorInfo,
  paddings: PadAttributes['paddings'],
  value: number,
): TensorInfo | undefined {
  const { native, backend } = runtime;
  if (!isNumeric(x.dtype) || paddings.length !== x.shape.length) return undefined;
  if (paddings.some(([before, after]) => before < 0 || after < 0)) return undefined;
  const shape = x.shape.map((size, i) => {
    const [before, after] = paddings[i] as readonly [number, number];
    return before + size + after;
  });
  const own = stridesOf(shape);
  const from = stridesOf(x.shape);
  let offset = 0;
  const axes = x.shape.map((size, i) => {
    offset += (paddings[i]?.[0] as number) * (own[i] as number);
    return { size, x: from[i] as number, y: own[i] as number };
  });
  const plan = stridedPlan(axes, 0, offset);
  if (plan === null) return undefined;
  const y = backend.allocate(shape, x.dtype, sizeOf(shape));
  const values = backend.values(x);
  if (values.length < backend.values(y).length) fillWith(runtime, y, value);
  if (values.length > 0) native.stridedCopy(values, backend.values(y), plan);
  return y;
}

const padV2: MakeKernel<{ readonly x: TensorInfo }, PadAttributes> =
  (runtime) =>
  ({ x }, { paddings, constantValue }) =>
    padded(runtime, x, paddings, constantValue);

export const joinKernels: KernelSet = {
  Concat: concat,
  Pack: pack,
  SplitV: splitV,
  Unpack: unpack,
  PadV2: padV2,
};
