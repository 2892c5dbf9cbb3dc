/** Convolutions of NHWC images, over all channels (HWIO filters) and depthwise, and the gradients of both. */
import type { TensorInfo } from '@tensorflow/tfjs-core';
import type { NativeKernels } from '../native.js';
import { areFloats, type ConvAttributes, resolve, sizes } from './conv-sizes.js';
import { type Algorithm, chooseAlgorithm } from './convolution-algorithm.js';
import { PASSES } from './convolution-passes.js';
import type { Pass } from './convolution-sizes.js';
import { ACTIVATIONS, withEpilogue } from './epilogue.js';
import { type KernelSet, type MakeKernel, sameShape, sizeOf } from './kernel.js';
import { isBias } from './matmul.js';

interface Inputs {
  readonly x: TensorInfo;
  readonly filter: TensorInfo;
  readonly bias?: TensorInfo | null;
}

/** Either kind of convolution; native code names its three kernels alike. */
type Kind = 'conv2d' | 'depthwiseConv2d';

/** For the sizes just resolved; a depthwise convolution knows one way only. */
const algorithmOf = (kind: Kind, pass: Pass, { algorithm }: ConvAttributes): Algorithm =>
  kind === 'conv2d' ? chooseAlgorithm(algorithm, pass, sizes) : 'direct';

/** activation(x ∗ filter + bias); depthwise channel by channel. */
function forward(kind: Kind): MakeKernel<Inputs, ConvAttributes> {
  return (runtime) =>
    ({ x, filter, bias }, attributes) => {
      const { native, backend } = runtime;
      const activation = ACTIVATIONS[attributes.activation ?? 'linear'];
      if (activation === undefined || !areFloats(x, filter)) return undefined;
      const shape = resolve(x.shape, filter.shape, attributes, kind === 'depthwiseConv2d');
      if (shape === null || !isBias(bias, shape[3])) return undefined;
      const y = backend.allocate(shape, 'float32', sizeOf(shape));
      const [image, taps, result] = [backend.values(x), backend.values(filter), backend.values(y)];
      const offset = bias ? backend.values(bias) : null;
      const algorithm = algorithmOf(kind, 'forward', attributes);
      if (algorithm === 'direct') native[kind](image, taps, offset, result, sizes, activation);
      else PASSES[algorithm].forward(runtime, image, taps, offset, activation, result);
      return y;
    };
}

function backpropInput(
  kind: Kind,
): MakeKernel<
  { readonly dy: TensorInfo; readonly filter: TensorInfo },
  ConvAttributes & { readonly inputShape: number[] }
> {
  const kernel: keyof NativeKernels = `${kind}BackpropInput`;
  return (runtime) =>
    ({ dy, filter }, attributes) => {
      const { native, backend } = runtime;
      const { inputShape } = attributes;
      if (!areFloats(dy, filter)) return undefined;
      const shape = resolve(inputShape, filter.shape, attributes, kind === 'depthwiseConv2d');
      if (shape === null || !sameShape(dy.shape, shape)) return undefined;
      const dx = backend.allocate([...inputShape], 'float32', sizeOf(inputShape));
      const [from, taps, result] = [backend.values(dy), backend.values(filter), backend.values(dx)];
      const algorithm = algorithmOf(kind, 'input', attributes);
      if (algorithm === 'direct') native[kernel](from, taps, result, sizes);
      else PASSES[algorithm].input(runtime, from, taps, result);
      return dx;
    };
}

function backpropFilter(
  kind: Kind,
): MakeKernel<
  { readonly x: TensorInfo; readonly dy: TensorInfo },
  ConvAttributes & { readonly filterShape: number[] }
> {
  const kernel: keyof NativeKernels = `${kind}BackpropFilter`;
  return (runtime) =>
    ({ x, dy }, attributes) => {
      const { native, backend } = runtime;
      const { filterShape } = attributes;
      if (!areFloats(x, dy)) return undefined;
      const shape = resolve(x.shape, filterShape, attributes, kind === 'depthwiseConv2d');
      if (shape === null || !sameShape(dy.shape, shape)) return undefined;
      const dfilter = backend.allocate([...filterShape], 'float32', sizeOf(filterShape));
      const [image, from] = [backend.values(x), backend.values(dy)];
      const result = backend.values(dfilter);
      const algorithm = algorithmOf(kind, 'filter', attributes);
      if (algorithm === 'direct') native[kernel](image, from, result, sizes);
      else PASSES[algorithm].filter(runtime, image, from, result);
      return dfilter;
    };
}

const conv2d = forward('conv2d');
const depthwiseConv2d = forward('depthwiseConv2d');

export const conv2dKernels: KernelSet = {
  Conv2D: conv2d,
  FusedConv2D: withEpilogue(conv2d),
  Conv2DBackpropInput: backpropInput('conv2d'),
  Conv2DBackpropFilter: backpropFilter('conv2d'),
  DepthwiseConv2dNative: depthwiseConv2d,
  FusedDepthwiseConv2D: withEpilogue(depthwiseConv2d),
  DepthwiseConv2dNativeBackpropInput: backpropInput('depthwiseConv2d'),
  DepthwiseConv2dNativeBackpropFilter: backpropFilter('depthwiseConv2d'),
};
