/** Pools whose windows cover the image evenly; core's KERNELS.md defines them. */
import type { TensorInfo } from '@tensorflow/tfjs-core';
import { type KernelSet, type MakeKernel, sizeOf } from './kernel.js';

interface Attributes {
  readonly inputSize: readonly [number, number];
  readonly outputSize: readonly [number, number];
}

/** Sizes and spans as native/simd/pool.h reads them. */
function windows(
  [batch, , , channels]: readonly number[],
  { inputSize, outputSize }: Attributes,
): [sizes: Int32Array, spans: Int32Array] {
  const spans = [0, 1];
  outputSize.forEach((outputs, axis) => {
    const inputs = inputSize[axis] as number;
    for (let i = 0; i < outputs; i++) {
      spans.push(Math.floor((i * inputs) / outputs), Math.ceil(((i + 1) * inputs) / outputs));
    }
  });
  const sizes = [batch as number, 1, ...inputSize, channels as number, 1, ...outputSize];
  return [Int32Array.from(sizes), Int32Array.from(spans)];
}

function shapeOf([batch, , , channels]: readonly number[], size: readonly number[]): number[] {
  return [batch as number, ...size, channels as number];
}

const average: MakeKernel<{ readonly x: TensorInfo }, Attributes> =
  ({ native, backend }) =>
  ({ x }, attributes) => {
    const shape = shapeOf(x.shape, attributes.outputSize);
    const y = backend.allocate(shape, 'float32', sizeOf(shape));
    native.avgPool(backend.values(x), backend.values(y), ...windows(x.shape, attributes));
    return y;
  };

const averageGradient: MakeKernel<{ readonly dy: TensorInfo }, Attributes> =
  ({ native, backend }) =>
  ({ dy }, attributes) => {
    const shape = shapeOf(dy.shape, attributes.inputSize);
    const dx = backend.allocate(shape, 'float32', sizeOf(shape));
    const ownSize = 0;
    native.avgPoolGrad(
      backend.values(dy),
      backend.values(dx),
      ...windows(dy.shape, attributes),
      ownSize,
    );
    return dx;
  };

const maximum: MakeKernel<{ readonly x: TensorInfo }, Attributes> =
  ({ native, backend }) =>
  ({ x }, attributes) => {
    const shape = shapeOf(x.shape, attributes.outputSize);
    const y = backend.allocate(shape, 'float32', sizeOf(shape));
    const indices = backend.allocate(shape, 'int32', sizeOf(shape));
    const withBatch = 1;
    native.maxPoolIndices(
      backend.values(x),
      backend.values(y),
      backend.values(indices),
      ...windows(x.shape, attributes),
      withBatch,
    );
    return [y, indices];
  };

export const adaptivePoolKernels: KernelSet = {
  StrataAdaptiveAvgPool: average,
  StrataAdaptiveAvgPoolGrad: averageGradient,
  StrataAdaptiveMaxPool: maximum,
};
