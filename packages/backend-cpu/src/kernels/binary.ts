/** Kernels of two tensors, element by element, broadcast. */
import type { TensorInfo } from '@tensorflow/tfjs-core';
import type { NativeKernels } from '../native.js';
import { broadcast } from './broadcast.js';
import { isNumeric, type KernelSet, type MakeKernel, type Runtime, sameShape } from './kernel.js';

interface Inputs {
  readonly a: TensorInfo;
  readonly b: TensorInfo;
}

/** Runs a native (a, b, y, n, plan?) into a fresh tensor of `dtype`. */
function combine(
  { native, backend }: Runtime,
  name: keyof NativeKernels,
  a: TensorInfo,
  b: TensorInfo,
  dtype: 'float32' | 'int32' | 'bool',
): TensorInfo | undefined {
  const left = backend.values(a);
  const right = backend.values(b);
  if (sameShape(a.shape, b.shape)) {
    const y = backend.allocate(a.shape, dtype, left.length);
    native[name](left, right, backend.values(y), left.length);
    return y;
  }
  const spread = broadcast(a.shape, b.shape);
  if (spread === null) return undefined;
  const y = backend.allocate(spread.shape, dtype, spread.size);
  native[name](left, right, backend.values(y), spread.size, spread.plan);
  return y;
}

/** float32 with `floats`, int32 with `ints` where there is one. */
function arithmetic(
  floats: keyof NativeKernels | null,
  ints?: keyof NativeKernels,
): MakeKernel<Inputs> {
  return (runtime) =>
    ({ a, b }) => {
      if (floats !== null && a.dtype === 'float32' && b.dtype === 'float32') {
        return combine(runtime, floats, a, b, 'float32');
      }
      if (ints !== undefined && a.dtype === 'int32' && b.dtype === 'int32') {
        return combine(runtime, ints, a, b, 'int32');
      }
      return undefined;
    };
}

function comparison(name: keyof NativeKernels): MakeKernel<Inputs> {
  return (runtime) =>
    ({ a, b }) => {
      if (a.dtype !== b.dtype || !isNumeric(a.dtype)) return undefined;
      return combine(runtime, name, a, b, 'bool');
    };
}

function logical(name: keyof NativeKernels): MakeKernel<Inputs> {
  return (runtime) =>
    ({ a, b }) => {
      if (a.dtype !== 'bool' || b.dtype !== 'bool') return undefined;
      return combine(runtime, name, a, b, 'bool');
    };
}

const logicalNot: MakeKernel<{ readonly x: TensorInfo }> =
  ({ native, backend }) =>
  ({ x }) => {
    if (x.dtype !== 'bool') return undefined;
    const values = backend.values(x);
    const y = backend.allocate(x.shape, 'bool', values.length);
    native.logicalNot(values, backend.values(y), values.length);
    return y;
  };

const prelu: MakeKernel<{ readonly x: TensorInfo; readonly alpha: TensorInfo }> =
  (runtime) =>
  ({ x, alpha }) =>
    x.dtype === 'float32' && alpha.dtype === 'float32'
      ? combine(runtime, 'prelu', x, alpha, 'float32')
      : undefined;

/** a^b. Of float32, squares and reciprocals, the usual ones, need no general power. */
const pow: MakeKernel<Inputs> = (runtime) => {
  const { native, backend } = runtime;
  return ({ a, b }) => {
    if (a.dtype === 'int32' && b.dtype === 'int32') {
      return combine(runtime, 'powerInts', a, b, 'int32');
    }
    if (a.dtype !== 'float32' || b.dtype !== 'float32') return undefined;
    const exponents = backend.values(b);
    const exponent = exponents.length === 1 && b.shape.length <= a.shape.length ? exponents[0] : 0;
    if (exponent !== 2 && exponent !== -1) return combine(runtime, 'power', a, b, 'float32');
    const values = backend.values(a);
    const y = backend.allocate(a.shape, 'float32', values.length);
    native[exponent === 2 ? 'square' : 'reciprocal'](values, backend.values(y), values.length);
    return y;
  };
};

export const binaryKernels: KernelSet = {
  Add: arithmetic('add', 'addInts'),
  Sub: arithmetic('subtract', 'subtractInts'),
  Multiply: arithmetic('multiply', 'multiplyInts'),
  RealDiv: arithmetic('divide', 'divideInts'),
  Maximum: arithmetic('maximum', 'maximumInts'),
  Minimum: arithmetic('minimum', 'minimumInts'),
  SquaredDifference: arithmetic('squaredDifference', 'squaredDifferenceInts'),
  Pow: pow,
  Atan2: arithmetic('atan2'),
  Mod: arithmetic('mod', 'modInts'),
  FloorDiv: arithmetic(null, 'floorDivInts'),
  BitwiseAnd: arithmetic(null, 'bitwiseAndInts'),
  Prelu: prelu,
  Equal: comparison('equal'),
  NotEqual: comparison('notEqual'),
  Greater: comparison('greater'),
  GreaterEqual: comparison('greaterEqual'),
  Less: comparison('less'),
  LessEqual: comparison('lessEqual'),
  LogicalAnd: logical('logicalAnd'),
  LogicalOr: logical('logicalOr'),
  LogicalNot: logicalNot,
};
