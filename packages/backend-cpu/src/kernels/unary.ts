/** Kernels of one float32 tensor, element by element. */
import type { TensorInfo } from '@tensorflow/tfjs-core';
import type { NativeKernels } from '../native.js';
import { isNumeric, type KernelSet, type MakeKernel } from './kernel.js';

interface Inputs {
  readonly x: TensorInfo;
}

/** y = f(x). */
function plain(name: keyof NativeKernels): MakeKernel<Inputs> {
  return ({ native, backend }) => {
    const run = native[name];
    return ({ x }) => {
      if (x.dtype !== 'float32') return undefined;
      const values = backend.values(x);
      const y = backend.allocate(x.shape, 'float32', values.length);
      run(values, backend.values(y), values.length);
      return y;
    };
  };
}

/** y = f(x, the numbers that `parameters` finds among the attributes). */
function withParameters<Attributes>(
  name: keyof NativeKernels,
  parameters: (attributes: Attributes) => number[],
): MakeKernel<Inputs, Attributes> {
  return ({ native, backend }) => {
    const run = native[name];
    return ({ x }, attributes) => {
      if (x.dtype !== 'float32') return undefined;
      const values = backend.values(x);
      const y = backend.allocate(x.shape, 'float32', values.length);
      run(values, backend.values(y), values.length, ...parameters(attributes));
      return y;
    };
  };
}

/** y = whether f(x), which is `ofWhole` for whatever is no float32. */
function predicate(name: keyof NativeKernels, ofWhole: 0 | 1): MakeKernel<Inputs> {
  return ({ native, backend }) => {
    const run = native[name];
    return ({ x }) => {
      if (!isNumeric(x.dtype)) return undefined;
      const values = backend.values(x);
      const y = backend.allocate(x.shape, 'bool', values.length);
      if (x.dtype === 'float32') run(values, backend.values(y), values.length);
      else backend.values(y).fill(ofWhole);
      return y;
    };
  };
}

/** dx from the function's result y and dy. */
function fromResult(
  name: keyof NativeKernels,
): MakeKernel<{ readonly dy: TensorInfo; readonly y: TensorInfo }> {
  return ({ native, backend }) => {
    const run = native[name];
    return ({ dy, y }) => {
      if (dy.dtype !== 'float32' || y.dtype !== 'float32') return undefined;
      const values = backend.values(y);
      const dx = backend.allocate(y.shape, 'float32', values.length);
      run(values, backend.values(dy), backend.values(dx), values.length);
      return dx;
    };
  };
}

export const unaryKernels: KernelSet = {
  Abs: plain('abs'),
  Neg: plain('negate'),
  Sign: plain('sign'),
  Square: plain('square'),
  Sqrt: plain('sqrt'),
  Rsqrt: plain('rsqrt'),
  Reciprocal: plain('reciprocal'),
  Floor: plain('floor'),
  Ceil: plain('ceil'),
  Round: plain('round'),
  Exp: plain('exp'),
  Expm1: plain('expm1'),
  Log: plain('log'),
  Log1p: plain('log1p'),
  Erf: plain('erf'),
  Sin: plain('sin'),
  Cos: plain('cos'),
  Tan: plain('tan'),
  Asin: plain('asin'),
  Acos: plain('acos'),
  Atan: plain('atan'),
  Sinh: plain('sinh'),
  Cosh: plain('cosh'),
  Asinh: plain('asinh'),
  Acosh: plain('acosh'),
  Atanh: plain('atanh'),
  Tanh: plain('tanh'),
  Sigmoid: plain('sigmoid'),
  Softplus: plain('softplus'),
  Relu: plain('relu'),
  Relu6: plain('relu6'),
  Elu: plain('elu'),
  Selu: plain('selu'),
  LeakyRelu: withParameters('leakyRelu', ({ alpha }: { alpha: number }) => [alpha]),
  Step: withParameters('step', ({ alpha = 0 }: { alpha?: number }) => [alpha]),
  ClipByValue: withParameters('clip', (range: { clipValueMin: number; clipValueMax: number }) => [
    range.clipValueMin,
    range.clipValueMax,
  ]),
  EluGrad: fromResult('eluGradient'),
  StrataReluGrad: fromResult('reluGradient'),
  IsNan: predicate('isNaN', 0),
  IsInf: predicate('isInf', 0),
  IsFinite: predicate('isFinite', 1),
};
