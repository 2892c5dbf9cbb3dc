/** Convolutions, full and depthwise, with bias and activation. */
import { backend_util, type TensorInfo } from '@tensorflow/tfjs-core';
import type { ConvAttributes } from '../kernels/conv-sizes.js';
import { convolver, type ConvolutionSizes } from './convolve.js';
import { type EpilogueAttributes, type EpilogueInputs, finish, plan } from './epilogue.js';
import { isFloat, type MakeWasmKernel, type WasmKernelSet } from './kernel.js';

type Shape4 = [number, number, number, number];

interface Inputs extends EpilogueInputs {
  readonly x: TensorInfo;
  readonly filter: TensorInfo;
}

/** activation(x ∗ filter + bias). */
function forward(
  kind: 'full' | 'depthwise',
): MakeWasmKernel<Inputs, ConvAttributes & EpilogueAttributes> {
  return (runtime) => {
    const convolve = convolver(runtime, kind);
    return (inputs, attributes) => {
      const { x, filter, bias, preluActivationWeights } = inputs;
      if (!isFloat(x, filter, bias, preluActivationWeights)) return undefined;
      const info = resolve(x.shape, filter.shape, attributes, kind);
      if (info === null) return undefined;
      const epilogue = plan(inputs, attributes, info.outChannels);
      if (epilogue === null) return undefined;
      const y = convolve(x, filter, sizesOf(info), epilogue.bias);
      return y && finish(runtime, y, epilogue, inputs, attributes);
    };
  };
}

/** The sizes of a convolution of NHWC images with one group; null for others. */
export function resolve(
  image: readonly number[],
  filter: readonly number[],
  { strides, pad, dilations, dimRoundingMode, dataFormat }: ConvAttributes,
  kind: 'full' | 'depthwise',
): backend_util.Conv2DInfo | null {
  const nhwc = dataFormat === undefined || dataFormat === 'NHWC';
  if (!nhwc || image.length !== 4 || filter.length !== 4 || image[3] !== filter[2]) return null;
  return backend_util.computeConv2DInfo(
    image as Shape4,
    filter as Shape4,
    strides,
    dilations ?? 1,
    pad,
    dimRoundingMode,
    kind === 'depthwise',
  );
}

export function sizesOf(info: backend_util.Conv2DInfo): ConvolutionSizes {
  return { ...info, top: info.padInfo.top, left: info.padInfo.left };
}

const full = forward('full');
const depthwise = forward('depthwise');

export const conv2dKernels: WasmKernelSet = {
  Conv2D: full,
  FusedConv2D: full,
  DepthwiseConv2dNative: depthwise,
  FusedDepthwiseConv2D: depthwise,
};
