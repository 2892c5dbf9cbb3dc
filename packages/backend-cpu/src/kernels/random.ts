/** Draws from random streams; native/kernels/random.cc gives the bits of core's own generator. */
import type { TensorInfo } from '@tensorflow/tfjs-core';
import type { NativeArgument } from '../native.js';
import { type KernelSet, type MakeKernel, type Runtime, sizeOf } from './kernel.js';

interface Draw {
  readonly key: readonly [number, number];
  readonly counter: readonly [number, number, number, number];
}

/** Key and counter, as the native kernels take them. */
function numbersOf({ late }: Runtime, draw: Draw): NativeArgument[] {
  const key = [0, 1].map((i) => late(() => draw.key[i] as number));
  return [...key, ...[0, 1, 2, 3].map((i) => late(() => draw.counter[i] as number))];
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
  (runtime) =>
  (_, { shape, min, max, draw }) => {
    const size = sizeOf(shape);
    const y = runtime.backend.allocate(shape, 'float32', size);
    runtime.native.randomUniform(
      runtime.backend.values(y),
      size,
      min,
      max,
      ...numbersOf(runtime, draw),
    );
    return y;
  };

const integers: MakeKernel<object, RangeAttributes> =
  (runtime) =>
  (_, { shape, min, max, draw }) => {
    const size = sizeOf(shape);
    const y = runtime.backend.allocate(shape, 'int32', size);
    runtime.native.randomInt(
      runtime.backend.values(y),
      size,
      min,
      max,
      ...numbersOf(runtime, draw),
    );
    return y;
  };

const normal: MakeKernel<object, NormalAttributes> =
  (runtime) =>
  (_, { shape, mean, std, draw }) => {
    const size = sizeOf(shape);
    const y = runtime.backend.allocate(shape, 'float32', size);
    runtime.native.randomNormal(
      runtime.backend.values(y),
      size,
      mean,
      std,
      ...numbersOf(runtime, draw),
    );
    return y;
  };

const dropout: MakeKernel<
  { readonly x: TensorInfo },
  { readonly rate: number; readonly draw: Draw }
> =
  (runtime) =>
  ({ x }, { rate, draw }) => {
    const values = runtime.backend.values(x);
    const y = runtime.backend.allocate(x.shape, 'float32', values.length);
    runtime.native.dropout(
      values,
      runtime.backend.values(y),
      values.length,
      rate,
      ...numbersOf(runtime, draw),
    );
    return y;
  };

export const randomKernels: KernelSet = {
  StrataRandomUniform: uniform,
  StrataRandomInt: integers,
  StrataRandomNormal: normal,
  StrataDropout: dropout,
};
