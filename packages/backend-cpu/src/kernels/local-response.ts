/** Local response normalization over channels (Krizhevsky 2012) and its gradient. */
import type { TensorInfo } from '@tensorflow/tfjs-core';
import { type KernelSet, type MakeKernel, sizeOf } from './kernel.js';

interface Attributes {
  readonly depthRadius: number;
  readonly bias: number;
  readonly alpha: number;
  readonly beta: number;
}

/** Pixels, channels, radius and the three numbers; undefined for what is not four-dimensional. */
function sizesOf(shape: readonly number[], attributes: Attributes): number[] | undefined {
  const { depthRadius, bias, alpha, beta } = attributes;
  if (shape.length !== 4 || !Number.isInteger(depthRadius) || depthRadius < 0) return undefined;
  const channels = shape[3] as number;
  // Windows beyond all channels hold no more than those of their number.
  return [sizeOf(shape.slice(0, 3)), channels, Math.min(depthRadius, channels), bias, alpha, beta];
}

const lrn: MakeKernel<{ readonly x: TensorInfo }, Attributes> =
  ({ native, backend }) =>
  ({ x }, attributes) => {
    const sizes = sizesOf(x.shape, attributes);
    if (x.dtype !== 'float32' || sizes === undefined) return undefined;
    const y = backend.allocate(x.shape, 'float32', sizeOf(x.shape));
    native.localResponse(backend.values(x), backend.values(y), ...sizes);
    return y;
  };

interface GradientInputs {
  readonly x: TensorInfo;
  readonly y: TensorInfo;
  readonly dy: TensorInfo;
}

const lrnGrad: MakeKernel<GradientInputs, Attributes> =
  ({ native, backend }) =>
  ({ x, y, dy }, attributes) => {
    const sizes = sizesOf(x.shape, attributes);
    if ([x, y, dy].some(({ dtype }) => dtype !== 'float32') || sizes === undefined) {
      return undefined;
    }
    const dx = backend.allocate(x.shape, 'float32', sizeOf(x.shape));
    native.localResponseGradient(
      backend.values(x),
      backend.values(y),
      backend.values(dy),
      backend.values(dx),
      ...sizes,
    );
    return dx;
  };

export const localResponseKernels: KernelSet = { LRN: lrn, LRNGrad: lrnGrad };
