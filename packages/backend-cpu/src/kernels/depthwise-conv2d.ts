/** Depthwise convolutions of NHWC images, and both of their gradients. */
import type { TensorInfo } from '@tensorflow/tfjs-core';
import { areFloats, type ConvAttributes, resolve, sizes } from './conv-sizes.js';
import { type KernelSet, type MakeKernel, sameShape, sizeOf } from './kernel.js';
import { ACTIVATIONS, isBias } from './matmul.js';

interface Inputs {
  readonly x: TensorInfo;
  readonly filter: TensorInfo;
  readonly bias?: TensorInfo | null;
}

/** activation(x ∗ filter + bias), channel by channel. */
const depthwiseConv2d: MakeKernel<Inputs, ConvAttributes> =
  ({ native, backend }) =>
  ({ x, filter, bias }, attributes) => {
    const activation = ACTIVATIONS[attributes.activation ?? 'linear'];
    if (activation === undefined || !areFloats(x, filter)) return undefined;
    const shape = resolve(x.shape, filter.shape, attributes, true);
    if (shape === null || !isBias(bias, shape[3])) return undefined;
    const y = backend.allocate(shape, 'float32', sizeOf(shape));
    native.depthwiseConv2d(
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
  ConvAttributes & { readonly inputShape: number[] }
> =
  ({ native, backend }) =>
  ({ dy, filter }, attributes) => {
    const { inputShape } = attributes;
    if (!areFloats(dy, filter)) return undefined;
    const shape = resolve(inputShape, filter.shape, attributes, true);
    if (shape === null || !sameShape(dy.shape, shape)) return undefined;
    const dx = backend.allocate([...inputShape], 'float32', sizeOf(inputShape));
    native.depthwiseConv2dBackpropInput(
      backend.values(dy),
      backend.values(filter),
      backend.values(dx),
      sizes,
    );
    return dx;
  };

const backpropFilter: MakeKernel<
  { readonly x: TensorInfo; readonly dy: TensorInfo },
  ConvAttributes & { readonly filterShape: number[] }
> =
  ({ native, backend }) =>
  ({ x, dy }, attributes) => {
    const { filterShape } = attributes;
    if (!areFloats(x, dy)) return undefined;
    const shape = resolve(x.shape, filterShape, attributes, true);
    if (shape === null || !sameShape(dy.shape, shape)) return undefined;
    const dfilter = backend.allocate([...filterShape], 'float32', sizeOf(filterShape));
    native.depthwiseConv2dBackpropFilter(
      backend.values(x),
      backend.values(dy),
      backend.values(dfilter),
      sizes,
    );
    return dfilter;
  };

export const depthwiseConv2dKernels: KernelSet = {
  DepthwiseConv2dNative: depthwiseConv2d,
  FusedDepthwiseConv2D: depthwiseConv2d,
  DepthwiseConv2dNativeBackpropInput: backpropInput,
  DepthwiseConv2dNativeBackpropFilter: backpropFilter,
};
