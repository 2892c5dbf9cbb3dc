/** Convolutions in groups and their gradients: core's KERNELS.md defines them. */
import type { TensorInfo } from '@tensorflow/tfjs-core';
import { type ConvAttributes, resolve, sizes } from './conv-sizes.js';
import { ACTIVATIONS } from './epilogue.js';
import { type KernelSet, type MakeKernel, sizeOf } from './kernel.js';

interface Attributes extends ConvAttributes {
  readonly groups: number;
}

/** One group is a plain convolution, and a group for each channel a depthwise one. */
type Kind = 'conv2d' | 'depthwiseConv2d' | 'groupedConv2d';

function kindOf(channels: number, groups: number): Kind {
  if (groups === 1) return 'conv2d';
  return groups === channels ? 'depthwiseConv2d' : 'groupedConv2d';
}

/** Writes the sizes; gives the shape of the result. The filter's is [height, width, channels / groups, outputs]. */
function resolveGroups(image: number[], filter: number[], attributes: Attributes): number[] {
  const [h, w, , outputs] = filter as [number, number, number, number];
  const whole = [h, w, image[3] as number, outputs];
  return resolve(image, whole, attributes) as number[];
}

const forward: MakeKernel<
  { readonly x: TensorInfo; readonly filter: TensorInfo; readonly bias?: TensorInfo },
  Attributes
> =
  ({ native, backend }) =>
  ({ x, filter, bias }, attributes) => {
    const { groups } = attributes;
    const shape = resolveGroups(x.shape, filter.shape, attributes);
    const y = backend.allocate(shape, 'float32', sizeOf(shape));
    const offset = bias ? backend.values(bias) : null;
    const activation = ACTIVATIONS[attributes.activation ?? 'linear'] as number;
    const kind = kindOf(x.shape[3] as number, groups);
    const operands = [backend.values(x), backend.values(filter), offset, backend.values(y), sizes];
    if (kind === 'groupedConv2d') native[kind](...operands, groups, activation);
    else native[kind](...operands, activation);
    return y;
  };

/** With a bias, a transposed convolution. */
const backpropInput: MakeKernel<
  { readonly dy: TensorInfo; readonly filter: TensorInfo; readonly bias?: TensorInfo },
  Attributes & { readonly inputShape: number[] }
> =
  ({ native, backend }) =>
  ({ dy, filter, bias }, attributes) => {
    const { inputShape, groups } = attributes;
    resolveGroups(inputShape, filter.shape, attributes);
    const dx = backend.allocate([...inputShape], 'float32', sizeOf(inputShape));
    const offset = bias ? backend.values(bias) : null;
    const operands = [backend.values(dy), backend.values(filter), backend.values(dx), sizes];
    const kind = kindOf(inputShape[3] as number, groups);
    if (kind === 'conv2d') native.conv2dBackpropInput(...operands, offset);
    // The depthwise kernel adds no bias.
    else if (kind === 'groupedConv2d' || bias)
      native.groupedConv2dBackpropInput(...operands, groups, offset);
    else native.depthwiseConv2dBackpropInput(...operands);
    return dx;
  };

const backpropFilter: MakeKernel<
  { readonly x: TensorInfo; readonly dy: TensorInfo },
  Attributes & { readonly filterShape: number[] }
> =
  ({ native, backend }) =>
  ({ x, dy }, attributes) => {
    const { filterShape, groups } = attributes;
    resolveGroups(x.shape, filterShape, attributes);
    const dfilter = backend.allocate([...filterShape], 'float32', sizeOf(filterShape));
    const kind = kindOf(x.shape[3] as number, groups);
    const operands = [backend.values(x), backend.values(dy), backend.values(dfilter), sizes];
    if (kind === 'groupedConv2d') native.groupedConv2dBackpropFilter(...operands, groups);
    else native[`${kind}BackpropFilter`](...operands);
    return dfilter;
  };

export const groupedConv2dKernels: KernelSet = {
  StrataGroupedConv2d: forward,
  StrataGroupedConv2dBackpropInput: backpropInput,
  StrataGroupedConv2dBackpropFilter: backpropFilter,
};
