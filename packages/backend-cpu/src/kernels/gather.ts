/** Kernels that pick rows by index. */
import { backend_util, type DataType, type TensorInfo, util } from '@tensorflow/tfjs-core';
import { isNumeric, type KernelSet, type MakeKernel, sizeOf } from './kernel.js';
import { refusalOf } from './refusal.js';

interface GatherInputs {
  readonly x: TensorInfo;
  readonly indices: TensorInfo;
}

/** @throws ConfigError for an index outside the axis. */
const gatherV2: MakeKernel<GatherInputs, { readonly axis: number; readonly batchDims?: number }> =
  ({ native, backend }) =>
  ({ x, indices }, { axis, batchDims = 0 }) => {
    const { dtype } = x;
    if (!isNumeric(dtype) || indices.dtype !== 'int32') return undefined;
    const at = util.parseAxisParam(axis, x.shape)[0] as number;
    const sizes = backend_util.segment_util.collectGatherOpShapeInfo(x, indices, at, batchDims);
    const { batchSize, outerSize, dimSize, sliceSize } = sizes;
    const picks = backend.values(indices);
    const count = batchSize === 0 ? 0 : picks.length / batchSize;
    const size = batchSize * outerSize * count * sliceSize;
    const y = backend.allocate(sizes.outputShape, dtype, size);
    try {
      native.gather(
        backend.values(x),
        picks,
        backend.values(y),
        batchSize,
        outerSize,
        dimSize,
        sliceSize,
        count,
      );
    } catch (error) {
      backend.disposeIntermediateTensorInfo(y);
      throw refusalOf('GatherV2', error);
    }
    return y;
  };

interface GatherNdInputs {
  readonly params: TensorInfo;
  readonly indices: TensorInfo;
}

/**
 * tfjs looks only whether the place as a whole lies in the array; here every index lies inside its axis.
 *
 * @throws ConfigError for one that does not.
 */
const gatherNd: MakeKernel<GatherNdInputs> =
  ({ native, backend }) =>
  ({ params, indices }) => {
    const { dtype } = params;
    const depth = indices.shape.at(-1) ?? 0;
    if (!isNumeric(dtype) || indices.dtype !== 'int32') return undefined;
    if (depth === 0 || depth > params.shape.length) return undefined;
    const rest = params.shape.slice(depth);
    const outer = indices.shape.slice(0, -1);
    const count = sizeOf(outer);
    const slice = sizeOf(rest);
    const y = backend.allocate([...outer, ...rest], dtype, count * slice);
    try {
      native.gatherNd(
        backend.values(params),
        backend.values(indices),
        Int32Array.from(params.shape.slice(0, depth)),
        backend.values(y),
        count,
        depth,
        slice,
      );
    } catch (error) {
      backend.disposeIntermediateTensorInfo(y);
      throw refusalOf('GatherNd', error);
    }
    return y;
  };

interface OneHotAttributes {
  readonly dtype?: DataType;
  readonly depth: number;
  readonly onValue: number;
  readonly offValue: number;
}

const oneHot: MakeKernel<{ readonly indices: TensorInfo }, OneHotAttributes> =
  ({ native, backend }) =>
  ({ indices }, { dtype = 'float32', depth, onValue, offValue }) => {
    if (indices.dtype !== 'int32' || !isNumeric(dtype)) return undefined;
    const picks = backend.values(indices);
    const y = backend.allocate([...indices.shape, depth], dtype, picks.length * depth);
    native.oneHot(picks, backend.values(y), picks.length, depth, onValue, offValue);
    return y;
  };

export const gatherKernels: KernelSet = {
  GatherV2: gatherV2,
  GatherNd: gatherNd,
  OneHot: oneHot,
};
