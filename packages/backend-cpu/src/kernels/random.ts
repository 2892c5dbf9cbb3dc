/** Draws from random streams; native/kernels/random.cc gives the bits of core's own generator. */
import type { TensorInfo } from '@tensorflow/tfjs-core';
import { type KernelSet, type MakeKernel, sizeOf } from './kernel.js';

interface Draw {
  readonly key: readonly [number, number];
  readonly counter: readonly [number, number, number, number];
}

interface RangeAttributes {
  readonly shape: number[];
  readonly min: number;
  readonly max: number;
  readonly draw: Draw;
}

interface NormalAttributes {
  readonly shape: number[];
  readonly mean: number;
  readonly std: number;
  readonly draw: Draw;
}

const uniform: MakeKernel<object, RangeAttributes> =
  ({ native, backend }) =>
  (_, { shape, min, max, draw: { key, counter } }) => {
    const size = sizeOf(shape);
    const y = backend.allocate(shape, 'float32', size);
    native.randomUniform(backend.values(y), size, min, max, ...key, ...counter);
    return y;
  };

const integers: MakeKernel<object, RangeAttributes> =
  ({ native, backend }) =>
  (_, { shape, min, max, draw: { key, counter } }) => {
    const size = sizeOf(shape);
    const y = backend.allocate(shape, 'int32', size);
    native.randomInt(backend.values(y), size, min, max, ...key, ...counter);
    return y;
  };

const normal: MakeKernel<object, NormalAttributes> =
  ({ native, backend }) =>
  (_, { shape, mean, std, draw: { key, counter } }) => {
    const size = sizeOf(shape);
    const y = backend.allocate(shape, 'float32', size);
    native.randomNormal(backend.values(y), size, mean, std, ...key, ...counter);
    return y;
  };

const dropout: MakeKernel<
  { readonly x: TensorInfo },
  { readonly rate: number; readonly draw: Draw }
> =
  ({ native, backend }) =>
  ({ x }, { rate, draw: { key, counter } }) => {
    const values = backend.values(x);
    const y = backend.allocate(x.shape, 'float32', values.length);
    native.dropout(values, backend.values(y), values.length, rate, ...key, ...counter);
    return y;
  };

export const randomKernels: KernelSet = {
  StrataRandomUniform: uniform,
  StrataRandomInt: integers,
  StrataRandomNormal: normal,
  StrataDropout: dropout,
};
