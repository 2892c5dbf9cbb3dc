/** Kernels that place rows by index. Updates of one place take effect in their own order. */
import type { TensorInfo } from '@tensorflow/tfjs-core';
import {
  isNumeric,
  type KernelSet,
  type MakeKernel,
  type Runtime,
  sameShape,
  sizeOf,
} from './kernel.js';
import { refusalOf } from './refusal.js';

interface SegmentInputs {
  readonly x: TensorInfo;
  readonly segmentIds: TensorInfo;
}

const unsortedSegmentSum: MakeKernel<SegmentInputs, { readonly numSegments: number }> =
  ({ native, backend }) =>
  ({ x, segmentIds }, { numSegments }) => {
    const { dtype } = x;
    const [count] = segmentIds.shape;
    const summable = dtype === 'float32' || dtype === 'int32';
    if (!summable || segmentIds.dtype !== 'int32' || segmentIds.shape.length !== 1)
      return undefined;
    if (count === undefined || x.shape[0] !== count) return undefined;
    const rest = x.shape.slice(1);
    const slice = sizeOf(rest);
    const y = backend.allocate([numSegments, ...rest], dtype, numSegments * slice);
    native.segmentSum(
      backend.values(x),
      backend.values(segmentIds),
      backend.values(y),
      count,
      numSegments,
      slice,
    );
    return y;
  };

/** Where each row of indices [..., depth] points to in `shape`, whose axes from `depth` on are a row. */
interface Places {
  readonly count: number;
  readonly depth: number;
  readonly slice: number;
  readonly sizes: Int32Array;
}

/** Undefined where the shapes are not those of native code; `one` where a single update stands for all. */
function places(
  indices: TensorInfo,
  updates: TensorInfo,
  shape: readonly number[],
): (Places & { readonly one: boolean }) | undefined {
  if (indices.dtype !== 'int32' || indices.shape.length === 0) return undefined;
  // As tfjs has it, a list of indices names places of the first axis.
  const flat = indices.shape.length === 1;
  const depth = flat ? 1 : (indices.shape.at(-1) as number);
  if (depth === 0 || depth > shape.length) return undefined;
  const outer = flat ? indices.shape : indices.shape.slice(0, -1);
  const rest = shape.slice(depth);
  const one = updates.shape.length === 0 && rest.length === 0;
  if (!one && !sameShape(updates.shape, [...outer, ...rest])) return undefined;
  const sizes = Int32Array.from(shape.slice(0, depth));
  return { count: sizeOf(outer), depth, slice: sizeOf(rest), sizes, one };
}

interface ScatterInputs {
  readonly indices: TensorInfo;
  readonly updates: TensorInfo;
}

/** @throws ConfigError for an index outside its axis. */
const scatterNd: MakeKernel<ScatterInputs, { readonly shape: number[] }> =
  ({ native, backend }) =>
  ({ indices, updates }, { shape }) => {
    const { dtype } = updates;
    const at = places(indices, updates, shape);
    if ((dtype !== 'float32' && dtype !== 'int32') || at === undefined || at.one) return undefined;
    const y = backend.allocate([...shape], dtype, sizeOf(shape));
    try {
      native.scatterAdd(
        backend.values(updates),
        backend.values(indices),
        at.sizes,
        backend.values(y),
        at.count,
        at.depth,
        at.slice,
      );
    } catch (error) {
      backend.disposeIntermediateTensorInfo(y);
      throw refusalOf('ScatterNd', error);
    }
    return y;
  };

/** `base`, whole or one element, with rows written over. */
function written(
  { native, backend }: Runtime,
  kernel: string,
  indices: TensorInfo,
  updates: TensorInfo,
  base: TensorInfo,
  shape: number[],
): TensorInfo | undefined {
  const { dtype } = updates;
  const at = places(indices, updates, shape);
  if (!isNumeric(dtype) || base.dtype !== dtype || at === undefined) return undefined;
  const oneBase = base.shape.length === 0 && shape.length > 0;
  const y = backend.allocate([...shape], dtype, sizeOf(shape));
  try {
    native.scatterUpdate(
      backend.values(updates),
      backend.values(indices),
      at.sizes,
      backend.values(y),
      at.count,
      at.depth,
      at.slice,
      at.one ? 1 : 0,
      backend.values(base),
      oneBase ? 1 : 0,
    );
  } catch (error) {
    backend.disposeIntermediateTensorInfo(y);
    throw refusalOf(kernel, error);
  }
  return y;
}

/** @throws ConfigError for an index outside its axis. */
const tensorScatterUpdate: MakeKernel<ScatterInputs & { readonly tensor: TensorInfo }> =
  (runtime) =>
  ({ tensor, indices, updates }) =>
    written(runtime, 'TensorScatterUpdate', indices, updates, tensor, tensor.shape);

interface SparseInputs {
  readonly sparseIndices: TensorInfo;
  readonly sparseValues: TensorInfo;
  readonly defaultValue: TensorInfo;
}

/** @throws ConfigError for an index outside its axis. */
const sparseToDense: MakeKernel<SparseInputs, { readonly outputShape: number[] }> =
  (runtime) =>
  ({ sparseIndices, sparseValues, defaultValue }, { outputShape }) =>
    written(runtime, 'SparseToDense', sparseIndices, sparseValues, defaultValue, outputShape);

export const scatterKernels: KernelSet = {
  UnsortedSegmentSum: unsortedSegmentSum,
  ScatterNd: scatterNd,
  TensorScatterUpdate: tensorScatterUpdate,
  SparseToDense: sparseToDense,
};
