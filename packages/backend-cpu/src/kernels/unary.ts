/** Kernels of one tensor, element by element: of float32, and of int32 where tfjs keeps it. */
import type { TensorInfo } from '@tensorflow/tfjs-core';
import type { NativeKernels } from '../native.js';
import { isNumeric, type KernelSet, type MakeKernel, type Runtime, share } from './kernel.js';

interface Inputs {
  readonly x: TensorInfo;
}

/** y = f(x); of int32 with the kernel `ofInts`, or without change, where tfjs gives int32. */
function plain(
  name: keyof NativeKernels,
  ofInts?: keyof NativeKernels | 'unchanged',
): MakeKernel<Inputs> {
  return (runtime) => {
    const { native, backend } = runtime;
    const run = native[name];
    return ({ x }) => {
      if (x.dtype === 'float32') {
        const values = backend.values(x);
        const y = backend.allocate(x.shape, 'float32', values.length);
        run(values, backend.values(y), values.length);
        return y;
      }
      if (x.dtype !== 'int32' || ofInts === undefined) return undefined;
      return ofInts === 'unchanged' ? share(runtime, x) : mapInts(runtime, ofInts, x, []);
    };
  };
}

/**
 * y = f(x, the numbers that `parameters` finds among the attributes); of int32 with `ofInts` and its
 * own parameters, undefined where they are none of int32.
 */
function withParameters<Attributes>(
  name: keyof NativeKernels,
  parameters: (attributes: Attributes) => number[],
  ofInts?: keyof NativeKernels,
  wholeParameters?: (attributes: Attributes) => number[] | undefined,
): MakeKernel<Inputs, Attributes> {
  return (runtime) => {
    const { native, backend } = runtime;
    const run = native[name];
    return ({ x }, attributes) => {
      if (x.dtype === 'float32') {
        const values = backend.values(x);
        const y = backend.allocate(x.shape, 'float32', values.length);
        run(values, backend.values(y), values.length, ...parameters(attributes));
        return y;
      }
      if (x.dtype !== 'int32' || ofInts === undefined) return undefined;
      const numbers = wholeParameters?.(attributes);
      return numbers && mapInts(runtime, ofInts, x, numbers);
    };
  };
}

function mapInts(
  { native, backend }: Runtime,
  name: keyof NativeKernels,
  x: TensorInfo,
  parameters: readonly number[],
): TensorInfo {
  const values = backend.values(x);
  const y = backend.allocate(x.shape, 'int32', values.length);
  native[name](values, backend.values(y), values.length, ...parameters);
  return y;
}

const LEAST = -(2 ** 31);
const MOST = 2 ** 31 - 1;

interface Range {
  readonly clipValueMin: number;
  readonly clipValueMax: number;
}

/**
 * Which whole numbers lie outside a range, and what becomes of them: [least, floor, most, ceiling]. A
 * bound that is no whole number loses its fraction where it is stored. Undefined for NaN and for bounds
 * beyond int32 that every number exceeds.
 */
function wholeRange({ clipValueMin: min, clipValueMax: max }: Range): number[] | undefined {
  if (!(min <= MOST && max >= LEAST)) return undefined;
  return [
    Math.max(Math.ceil(min), LEAST),
    Math.max(Math.trunc(min), LEAST),
    Math.min(Math.floor(max), MOST),
    Math.min(Math.trunc(max), MOST),
  ];
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
  Abs: plain('abs', 'absInts'),
  Neg: plain('negate', 'negateInts'),
  Sign: plain('sign', 'signInts'),
  Square: plain('square', 'squareInts'),
  Sqrt: plain('sqrt'),
  Rsqrt: plain('rsqrt'),
  Reciprocal: plain('reciprocal'),
  Floor: plain('floor', 'unchanged'),
  Ceil: plain('ceil', 'unchanged'),
  Round: plain('round', 'unchanged'),
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
  Relu: withParameters(
    'relu',
    () => [],
    'clipInts',
    () => [0, 0, MOST, MOST],
  ),
  Relu6: withParameters(
    'relu6',
    () => [],
    'clipInts',
    () => [0, 0, 6, 6],
  ),
  Elu: plain('elu'),
  Selu: plain('selu'),
  LeakyRelu: withParameters('leakyRelu', ({ alpha }: { alpha: number }) => [alpha]),
  Step: withParameters(
    'step',
    ({ alpha = 0 }: { alpha?: number }) => [alpha],
    'stepInts',
    ({ alpha = 0 }) => [alpha | 0],
  ),
  ClipByValue: withParameters(
    'clip',
    ({ clipValueMin, clipValueMax }: Range) => [clipValueMin, clipValueMax],
    'clipInts',
    wholeRange,
  ),
  EluGrad: fromResult('eluGradient'),
  StrataReluGrad: fromResult('reluGradient'),
  IsNan: predicate('isNaN', 0),
  IsInf: predicate('isInf', 0),
  IsFinite: predicate('isFinite', 1),
};
