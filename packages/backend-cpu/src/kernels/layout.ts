/** Kernels that move elements and compute nothing: permute, cut, reverse, repeat. */
import { slice_util, type TensorInfo, util } from '@tensorflow/tfjs-core';
import { fillWith } from './constant.js';
import { isNumeric, type KernelSet, type MakeKernel, sameShape, share, sizeOf } from './kernel.js';
import { gathered, stridedPlan, stridesOf } from './strided.js';

interface Inputs {
  readonly x: TensorInfo;
}

const transpose: MakeKernel<Inputs, { readonly perm: readonly number[] }> =
  (runtime) =>
  ({ x }, { perm }) => {
    if (!isNumeric(x.dtype)) return undefined;
    const shape = perm.map((d) => x.shape[d] as number);
    const moved = perm.filter((d) => x.shape[d] !== 1);
    // Nothing moves past anything longer than 1: the elements lie in the right order already.
    if (moved.every((d, i) => i === 0 || d > (moved[i - 1] as number))) {
      return share(runtime, x, shape);
    }
    const strides = stridesOf(x.shape);
    return gathered(
      runtime,
      x,
      shape,
      perm.map((d) => strides[d] as number),
      0,
    );
  };

const slice: MakeKernel<
  Inputs,
  { readonly begin: number | number[]; readonly size: number | number[] }
> =
  (runtime) =>
  ({ x }, attributes) => {
    if (!isNumeric(x.dtype)) return undefined;
    // Only their shape and rank are read.
    const asTensor = x as Parameters<typeof slice_util.parseSliceParams>[0];
    const [begin, size] = slice_util.parseSliceParams(
      asTensor,
      attributes.begin,
      attributes.size,
    ) as [number[], number[]];
    slice_util.assertParamsValid(asTensor, begin, size);
    if (sameShape(size, x.shape)) return share(runtime, x);
    const strides = stridesOf(x.shape);
    return gathered(runtime, x, size, strides, offsetOf(begin, strides));
  };

interface StridedSliceAttributes {
  readonly begin: number[];
  readonly end: number[];
  readonly strides: number[];
  readonly beginMask: number;
  readonly endMask: number;
  readonly ellipsisMask: number;
  readonly newAxisMask: number;
  readonly shrinkAxisMask: number;
}

const stridedSlice: MakeKernel<Inputs, StridedSliceAttributes> =
  (runtime) =>
  ({ x }, attributes) => {
    if (!isNumeric(x.dtype)) return undefined;
    const info = slice_util.sliceInfo(
      x.shape,
      attributes.begin,
      attributes.end,
      attributes.strides,
      attributes.beginMask,
      attributes.endMask,
      attributes.ellipsisMask,
      attributes.newAxisMask,
      attributes.shrinkAxisMask,
    );
    if (info.isIdentity) return share(runtime, x, info.finalShape);
    const sizes = slice_util.computeOutShape(info.begin, info.end, info.strides);
    const strides = stridesOf(x.shape);
    const steps = strides.map((stride, i) => stride * (info.strides[i] as number));
    if (sizeOf(sizes) !== sizeOf(info.finalShape)) return undefined;
    const y = gathered(runtime, x, sizes, steps, offsetOf(info.begin, strides));
    return y && { ...y, shape: info.finalShape };
  };

const reverse: MakeKernel<Inputs, { readonly dims: number | number[] }> =
  (runtime) =>
  ({ x }, { dims }) => {
    if (!isNumeric(x.dtype)) return undefined;
    const axes = util.parseAxisParam(dims, x.shape);
    const strides = stridesOf(x.shape);
    let offset = 0;
    for (const axis of new Set(axes)) {
      offset += ((x.shape[axis] as number) - 1) * (strides[axis] as number);
      strides[axis] = -(strides[axis] as number);
    }
    return sizeOf(x.shape) === 0
      ? share(runtime, x)
      : gathered(runtime, x, x.shape, strides, offset);
  };

const tile: MakeKernel<Inputs, { readonly reps: readonly number[] }> =
  (runtime) =>
  ({ x }, { reps }) => {
    if (!isNumeric(x.dtype) || reps.length !== x.shape.length) return undefined;
    const strides = stridesOf(x.shape);
    // Each axis is two: the repetitions, which stand still in x, and the positions.
    const shape = x.shape.flatMap((size, i) => [reps[i] as number, size]);
    const steps = strides.flatMap((stride) => [0, stride]);
    const y = gathered(runtime, x, shape, steps, 0);
    return y && { ...y, shape: x.shape.map((size, i) => size * (reps[i] as number)) };
  };

/** x along the diagonal of zeros. */
const diag: MakeKernel<Inputs> =
  (runtime) =>
  ({ x }) => {
    const { native, backend } = runtime;
    if (!isNumeric(x.dtype)) return undefined;
    const size = sizeOf(x.shape);
    const y = backend.allocate([...x.shape, ...x.shape], x.dtype, size * size);
    fillWith(runtime, y, 0);
    const plan = stridedPlan([{ size, x: 1, y: size + 1 }], 0, 0) as Int32Array;
    if (size > 0) native.stridedCopy(backend.values(x), backend.values(y), plan);
    return y;
  };

function offsetOf(begin: readonly number[], strides: readonly number[]): number {
  let offset = 0;
  for (let i = 0; i < begin.length; i++) offset += (begin[i] as number) * (strides[i] as number);
  return offset;
}

export const layoutKernels: KernelSet = {
  Transpose: transpose,
  Slice: slice,
  StridedSlice: stridedSlice,
  Reverse: reverse,
  Tile: tile,
  Diag: diag,
};
