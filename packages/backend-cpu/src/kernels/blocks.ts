/** Kernels that move blocks of pixels between space and channels or batch, and one that mirrors images. */
import { backend_util, type TensorInfo } from '@tensorflow/tfjs-core';
import { padded } from './join.js';
import { isNumeric, type KernelSet, type MakeKernel, share, sizeOf } from './kernel.js';
import { gathered, permuted, stridesOf } from './strided.js';

interface Inputs {
  readonly x: TensorInfo;
}

const depthToSpace: MakeKernel<
  Inputs,
  { readonly blockSize: number; readonly dataFormat: string }
> =
  (runtime) =>
  ({ x }, { blockSize, dataFormat }) => {
    if (!isNumeric(x.dtype) || dataFormat !== 'NHWC' || x.shape.length !== 4) return undefined;
    const [batch, height, width, channels] = x.shape as [number, number, number, number];
    const depth = channels / (blockSize * blockSize);
    if (!Number.isInteger(depth)) return undefined;
    const blocks = [batch, height, width, blockSize, blockSize, depth];
    const shape = [batch, height * blockSize, width * blockSize, depth];
    return permuted(runtime, x, blocks, [0, 1, 3, 2, 4, 5], shape);
  };

interface SpaceToBatch {
  readonly blockShape: number[];
  readonly paddings: readonly (readonly [number, number])[];
}

const spaceToBatch: MakeKernel<Inputs, SpaceToBatch> =
  (runtime) =>
  ({ x }, { blockShape, paddings }) => {
    if (!isNumeric(x.dtype)) return undefined;
    const none = [0, 0] as const;
    const all = x.shape.map((_, i) => paddings[i - 1] ?? none);
    const whole = all.some(([before, after]) => before + after > 0)
      ? padded(runtime, x, all, 0)
      : share(runtime, x);
    if (whole === undefined) return undefined;
    const area = sizeOf(blockShape);
    const blocks = backend_util.getReshaped(whole.shape, blockShape, area, false);
    const perm = backend_util.getPermuted(blocks.length, blockShape.length, false);
    const shape = backend_util.getReshapedPermuted(whole.shape, blockShape, area, false);
    const y = permuted(runtime, whole, blocks, perm, shape);
    runtime.backend.disposeIntermediateTensorInfo(whole);
    return y;
  };

interface BatchToSpace {
  readonly blockShape: number[];
  readonly crops: number[][];
}

const batchToSpace: MakeKernel<Inputs, BatchToSpace> =
  (runtime) =>
  ({ x }, { blockShape, crops }) => {
    if (!isNumeric(x.dtype)) return undefined;
    const area = sizeOf(blockShape);
    const blocks = backend_util.getReshaped(x.shape, blockShape, area);
    const perm = backend_util.getPermuted(blocks.length, blockShape.length);
    const shape = backend_util.getReshapedPermuted(x.shape, blockShape, area);
    const whole = permuted(runtime, x, blocks, perm, shape);
    if (whole === undefined || crops.every(([before, after]) => before === 0 && after === 0)) {
      return whole;
    }
    const none = [0, 0];
    const strides = stridesOf(shape);
    let offset = 0;
    const size = shape.map((length, i) => {
      const [before, after] = (crops[i - 1] ?? none) as [number, number];
      offset += before * (strides[i] as number);
      return length - before - after;
    });
    const y = gathered(runtime, whole, size, strides, offset);
    runtime.backend.disposeIntermediateTensorInfo(whole);
    return y;
  };

const flipLeftRight: MakeKernel<{ readonly image: TensorInfo }> =
  (runtime) =>
  ({ image }) => {
    if (!isNumeric(image.dtype) || image.shape.length !== 4) return undefined;
    if (sizeOf(image.shape) === 0) return share(runtime, image);
    const [, , width, channels] = image.shape as [number, number, number, number];
    const strides = stridesOf(image.shape);
    strides[2] = -channels;
    return gathered(runtime, image, image.shape, strides, (width - 1) * channels);
  };

export const blockKernels: KernelSet = {
  DepthToSpace: depthToSpace,
  SpaceToBatchND: spaceToBatch,
  BatchToSpaceND: batchToSpace,
  FlipLeftRight: flipLeftRight,
};
