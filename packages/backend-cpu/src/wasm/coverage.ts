/** What tfjs's WASM kernels cannot be given, although they are there. */
import type { TensorInfo } from '@tensorflow/tfjs-core';
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
  Relu6: false,
  // They take some of dy to the wrong taps.
  Conv3DBackpropFilterV2: false,
  Conv3DBackpropInputV2: false,
  // It leaves references to its input when that is empty.
  GatherV2: ({ x }) => !x?.shape.includes(0),
  // It takes some of dy to the wrong windows.
  MaxPoolGrad: false,
  // Their greatest of nothing is the least positive number: windows of negative numbers give that.
  MaxPool3D: false,
  MaxPool3DGrad: false,
  MaxPoolWithArgmax: false,
  // Integers are stored whatever the dtype.
  OneHot: (_, { dtype }) => dtype === undefined || dtype === 'int32',
  AvgPool: isWindow,
  MaxPool: (inputs, attributes) => inputs['x']?.dtype === 'float32' && isWindow(inputs, attributes),
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

/** Whether tfjs's WASM kernel `name` is right for these arguments. None holds strings or complex numbers. */
export function covers(name: string, { inputs, attrs }: KernelArguments): boolean {
  const attributes = (attrs ?? {}) as Attributes;
  if (isHostOnly(attributes['dtype'])) return false;
  for (const x of Object.values(inputs).flat()) {
    if (x && isHostOnly((x as TensorInfo).dtype)) return false;
  }
  const rule = restricted[name];
  return rule === undefined || (rule !== false && rule(inputs as Inputs, attributes));
}

function isHostOnly(dtype: unknown): boolean {
  return dtype === 'string' || dtype === 'complex64';
}
