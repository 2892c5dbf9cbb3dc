/** What tfjs's WASM kernels cannot be given, although they are there. */
import type { TensorInfo } from '@tensorflow/tfjs-core';
import type { StrataWasmBackend } from './backend.js';
import { takesDtypes } from './dtypes.js';
import { indicesAreInside } from './indices.js';
import type { KernelArguments } from './kernel.js';

type Inputs = Readonly<Record<string, TensorInfo | null | undefined>>;
type Attributes = Readonly<Record<string, unknown>>;

/** Kernel → whether tfjs's WASM kernel of that name computes this correctly; false: never. */
const restricted: Readonly<
  Record<string, false | ((inputs: Inputs, attributes: Attributes) => boolean)>
> = {
  // It gives the rows of a matrix for any x that is no vector.
  Bincount: ({ x }) => x?.shape.length === 1,
  // They drop NaN.
  ClipByValue: false,
  Maximum: false,
  Minimum: false,
  // They take some of dy to the wrong taps.
  Conv3DBackpropFilterV2: false,
  Conv3DBackpropInputV2: false,
  // They are off by 2e-7 whatever the result, which next to their zeros is much of it.
  Cos: false,
  Sin: false,
  Tan: false,
  Selu: false,
  // Of batches it reads the indices of others, or what lies behind them.
  GatherV2: (_, { batchDims }) => (batchDims ?? 0) === 0,
  // They take small numbers for 0.
  Log1p: false,
  Sign: false,
  // −1e-9 modulo 55 is 0 there, where it is 55 but for rounding.
  Mod: false,
  // 1 to the power of NaN is 1 there.
  Pow: false,
  // tfjs never calls it, and there is no JavaScript kernel for what it is not given.
  LogicalXor: false,
  // It takes some of dy to the wrong windows.
  MaxPoolGrad: false,
  // Their greatest of nothing is the least positive number: windows of negative numbers give that.
  MaxPool3D: false,
  MaxPool3DGrad: false,
  MaxPoolWithArgmax: false,
  // Integers are stored whatever the dtype.
  OneHot: (_, { dtype }) => dtype === undefined || dtype === 'int32',
  // The number around goes through a float.
  PadV2: ({ x }, { constantValue: c }) =>
    x?.dtype === 'float32' || ((c as number) | 0) === Math.fround(c as number),
  AvgPool: isWindow,
  MaxPool: isWindow,
};

/** XNNPACK pools over no window of one element, which only picks. */
function isWindow(_: Inputs, { filterSize }: Attributes): boolean {
  const sizes = typeof filterSize === 'number' ? [filterSize] : (filterSize as number[]);
  return sizes.some((size) => size !== 1);
}

/** Whether tfjs's WASM kernel `name` is right for any arguments. */
export function isOfUse(name: string): boolean {
  return restricted[name] !== false;
}

/**
 * Whether tfjs's WASM kernel `name` is right for these arguments. None holds strings or complex numbers,
 * or is empty: some kernels read the first element all the same, and some keep references to their inputs.
 */
export function covers(name: string, { inputs, attrs, backend }: KernelArguments): boolean {
  const attributes = (attrs ?? {}) as Attributes;
  if (isHostOnly(attributes['dtype']) || !takesDtypes(name, inputs)) return false;
  for (const x of Object.values(inputs as Inputs)) if (x?.shape.includes(0)) return false;
  const rule = restricted[name];
  if (rule !== undefined && (rule === false || !rule(inputs as Inputs, attributes))) return false;
  return indicesAreInside(name, inputs as Inputs, attributes, backend as StrataWasmBackend);
}

function isHostOnly(dtype: unknown): boolean {
  return dtype === 'string' || dtype === 'complex64';
}
