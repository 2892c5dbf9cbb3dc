/** Which kernels are Strata's own, and which of tfjs's are mended. */
import {
  flatSelect,
  gatherNdWithoutLeak,
  padByAxis,
  stridedSliceByAxis,
} from '@stratajs/core/mends';
import type { KernelFunc } from '@tensorflow/tfjs-core';
import { keepingDims } from './keeping-dims.js';
import { adamUpdate } from './kernels/adam-update.js';
import { attention, attentionGradient } from './kernels/attention.js';
import { averageUpdate } from './kernels/average-update.js';
import { firstNonFinite } from './kernels/first-non-finite.js';
import { normalize, normalizeGradient } from './kernels/normalize.js';
import { reluGrad } from './kernels/relu-grad.js';
import { softwareConv2d, softwareConv2dInputGradient } from './kernels/software-conv2d.js';
import { softwareConv2dFilterGradient } from './kernels/software-conv2d-filter.js';
import { softwareProduct } from './kernels/software-products.js';
import { sgdUpdate } from './kernels/sgd-update.js';
import { softmaxCrossEntropy, softmaxCrossEntropyGrad } from './kernels/softmax-cross-entropy.js';
import { randomNormal } from './kernels/random-normal.js';
import { dropout, randomInt, randomUniform } from './kernels/random.js';

/** Kernels that Strata adds to tfjs's; core composes the rest of them. */
export const extensions: Readonly<Record<string, KernelFunc>> = {
  StrataAdamUpdate: adamUpdate,
  StrataAttention: attention,
  StrataAttentionGrad: attentionGradient,
  StrataAverageUpdate: averageUpdate,
  StrataDropout: dropout,
  StrataFirstNonFinite: firstNonFinite,
  StrataNormalize: normalize,
  StrataNormalizeGrad: normalizeGradient,
  StrataRandomInt: randomInt,
  StrataRandomNormal: randomNormal,
  StrataRandomUniform: randomUniform,
  StrataReluGrad: reluGrad,
  StrataSgdUpdate: sgdUpdate,
  StrataSoftmaxCrossEntropy: softmaxCrossEntropy,
  StrataSoftmaxCrossEntropyGrad: softmaxCrossEntropyGrad,
};

export const mends: Readonly<Record<string, (original: KernelFunc, engine: string) => KernelFunc>> =
  {
    GatherNd: gatherNdWithoutLeak,
    PadV2: padByAxis,
    Prod: keepingDims,
    Select: flatSelect,
    StridedSlice: stridedSliceByAxis,
  };

/** What is worth another program where a processor stands in for the GPU. */
export const inSoftware: typeof mends = {
  BatchMatMul: softwareProduct,
  Conv2D: softwareConv2d,
  Conv2DBackpropFilter: softwareConv2dFilterGradient,
  Conv2DBackpropInput: softwareConv2dInputGradient,
  FusedConv2D: softwareConv2d,
  _FusedMatMul: softwareProduct,
};
