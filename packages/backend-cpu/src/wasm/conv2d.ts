/** Convolutions, full and depthwise, with bias and activation. */
import type { backend_util, TensorInfo } from '@tensorflow/tfjs-core';
import { type ConvAttributes, convolutionInfo } from '../kernels/conv-sizes.js';
import { convolver, type ConvolutionSizes } from './convolve.js';
import { type EpilogueAttributes, type EpilogueInputs, finish, plan } from './epilogue.js';
import { isFloat, type MakeWasmKernel, type WasmKernelSet } from './kernel.js';

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
      const info = convolutionInfo(x.shape, filter.shape, attributes, kind === 'depthwise');
      if (info === null) return undefined;
      const epilogue = plan(inputs, attributes, info.outChannels);
      if (epilogue === null) return undefined;
      const y = convolve(x, filter, sizesOf(info), epilogue.bias);
      return y && finish(runtime, y, epilogue, inputs, attributes);
    };
  };
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
