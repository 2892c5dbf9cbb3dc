/** Kernels that pick or place rows by index. */
import { ConfigError } from '@stratajs/core';
import { backend_util, type DataType, type TensorInfo, util } from '@tensorflow/tfjs-core';
import { isNumeric, type KernelSet, type MakeKernel } from './kernel.js';

interface GatherInputs {
  readonly x: TensorInfo;
  readonly indices: TensorInfo;
}

/** @throws ConfigError for an index outside the axis. */
const gatherV2: MakeKernel<GatherInputs, { readonly axis: number; readonly batchDims?: number }> =
  ({ native, backend }) =>
  ({ x, indices }, { axis, batchDims = 0 }) => {
    const { dtype } = x;
    if ((dtype !== 'float32' && dtype !== 'int32') || indices.dtype !== 'int32') return undefined;
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
      throw refusal(error);
    }
    return y;
  };

function refusal(error: unknown): unknown {
  if ((error as { code?: string }).code !== 'STRATA_INDEX') return error;
  return new ConfigError(`${(error as Error).message}. Give indices inside the axis.`);
}

interface SegmentInputs {
  readonly x: TensorInfo;
  readonly segmentIds: TensorInfo;
}

const unsortedSegmentSum: MakeKernel<SegmentInputs, { readonly numSegments: number }> =
  ({ native, backend }) =>
  ({ x, segmentIds }, { numSegments }) => {
    const [count] = segmentIds.shape;
    const covered =
      x.dtype === 'float32' && segmentIds.dtype === 'int32' && segmentIds.shape.length === 1;
    if (!covered || count === undefined || x.shape[0] !== count) return undefined;
    const rest = x.shape.slice(1);
    const slice = rest.reduce((n, length) => n * length, 1);
    const y = backend.allocate([numSegments, ...rest], 'float32', numSegments * slice);
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
  UnsortedSegmentSum: unsortedSegmentSum,
  OneHot: oneHot,
};
