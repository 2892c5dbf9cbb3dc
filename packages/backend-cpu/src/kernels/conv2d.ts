/** Convolutions of NHWC images with HWIO filters, and both of their gradients. */
import { backend_util, type TensorInfo } from '@tensorflow/tfjs-core';
import { type KernelSet, type MakeKernel, sameShape, sizeOf } from './kernel.js';
import { ACTIVATIONS, isBias } from './matmul.js';

type Shape4 = [number, number, number, number];

interface Attributes {
  readonly strides: [number, number] | number;
  readonly pad: 'valid' | 'same' | number | backend_util.ExplicitPadding;
  readonly dataFormat?: string;
  readonly dilations?: [number, number] | number;
  readonly dimRoundingMode?: 'floor' | 'round' | 'ceil';
  readonly activation?: string | null;
}

/** As native/conv/geometry.h reads it; written anew by every call. */
const sizes = new Int32Array(15);

/** Resolves strides and padding into `sizes`; gives the shape of the result, or null for what is not covered. */
function resolve(image: number[], filter: number[], attributes: Attributes): Shape4 | null {
  const { strides, pad, dilations, dimRoundingMode, dataFormat } = attributes;
  const nhwc = dataFormat === undefined || dataFormat === 'NHWC';
  if (!nhwc || image.length !== 4 || filter.length !== 4 || image[3] !== filter[2]) return null;
  const info = backend_util.computeConv2DInfo(
    image as Shape4,
    filter as Shape4,
    strides,
    dilations ?? 1,
    pad,
    dimRoundingMode,
  );
  for (let d = 0; d < 4; d++) sizes[d] = image[d] as number;
  sizes[4] = info.outHeight;
  sizes[5] = info.outWidth;
  sizes[6] = info.outChannels;
  sizes[7] = info.filterHeight;
  sizes[8] = info.filterWidth;
  sizes[9] = info.strideHeight;
  sizes[10] = info.strideWidth;
  sizes[11] = info.dilationHeight;
  sizes[12] = info.dilationWidth;
  sizes[13] = info.padInfo.top;
  sizes[14] = info.padInfo.left;
  return info.outShape;
}

const areFloats = (a: TensorInfo, b: TensorInfo): boolean =>
  a.dtype === 'float32' && b.dtype === 'float32';

interface Inputs {
  readonly x: TensorInfo;
  readonly filter: TensorInfo;
  readonly bias?: TensorInfo | null;
}

/** activation(x ∗ filter + bias). */
const conv2d: MakeKernel<Inputs, Attributes> =
  ({ native, backend }) =>
  ({ x, filter, bias }, attributes) => {
    const activation = ACTIVATIONS[attributes.activation ?? 'linear'];
    if (activation === undefined || !areFloats(x, filter)) return undefined;
    if (!isBias(bias, filter.shape[3] as number)) return undefined;
    const shape = resolve(x.shape, filter.shape, attributes);
    if (shape === null) return undefined;
    const y = backend.allocate(shape, 'float32', sizeOf(shape));
    native.conv2d(
      backend.values(x),
      backend.values(filter),
      bias ? backend.values(bias) : null,
      backend.values(y),
      sizes,
      activation,
    );
    return y;
  };

const backpropInput: MakeKernel<
  { readonly dy: TensorInfo; readonly filter: TensorInfo },
  Attributes & { readonly inputShape: number[] }
> =
  ({ native, backend }) =>
  ({ dy, filter }, attributes) => {
    const { inputShape } = attributes;
    if (!areFloats(dy, filter)) return undefined;
    const shape = resolve(inputShape, filter.shape, attributes);
    if (shape === null || !sameShape(dy.shape, shape)) return undefined;
    const dx = backend.allocate([...inputShape], 'float32', sizeOf(inputShape));
    native.conv2dBackpropInput(
      backend.values(dy),
      backend.values(filter),
      backend.values(dx),
      sizes,
    );
    return dx;
  };

const backpropFilter: MakeKernel<
  { readonly x: TensorInfo; readonly dy: TensorInfo },
  Attributes & { readonly filterShape: number[] }
> =
  ({ native, backend }) =>
  ({ x, dy }, attributes) => {
    const { filterShape } = attributes;
    if (!areFloats(x, dy)) return undefined;
    const shape = resolve(x.shape, filterShape, attributes);
    if (shape === null || !sameShape(dy.shape, shape)) return undefined;
    const dfilter = backend.allocate([...filterShape], 'float32', sizeOf(filterShape));
    native.conv2dBackpropFilter(
      backend.values(x),
      backend.values(dy),
      backend.values(dfilter),
      sizes,
    );
    return dfilter;
  };

export const conv2dKernels: KernelSet = {
  Conv2D: conv2d,
  FusedConv2D: conv2d,
  Conv2DBackpropInput: backpropInput,
  Conv2DBackpropFilter: backpropFilter,
};
