/** Which kernels are Strata's own, and which of tfjs's are mended. */
import {
  flatSelect,
  gatherNdWithoutLeak,
  padByAxis,
  stridedSliceByAxis,
} from '@stratajs/core/mends';
import type { KernelFunc } from '@tensorflow/tfjs-core';
import { int32Indices } from './int32-indices.js';
import { adamUpdate } from './kernels/adam-update.js';
import { conv2d, conv2dInputGradient, fusedConv2d } from './kernels/conv2d.js';
import { conv2dFilterGradient } from './kernels/conv2d-filter-gradient.js';
import { attention, attentionGradient } from './kernels/attention.js';
import { averageUpdate } from './kernels/average-update.js';
import { fill } from './kernels/fill.js';
import { firstNonFinite } from './kernels/first-non-finite.js';
import { normalize, normalizeGradient } from './kernels/normalize.js';
import { reluGrad } from './kernels/relu-grad.js';
import { dropout, randomInt, randomUniform } from './kernels/random.js';
import { randomNormal } from './kernels/random-normal.js';
import { sgdUpdate } from './kernels/sgd-update.js';
import { sumOfRows } from './kernels/sum-of-rows.js';
import { softmaxCrossEntropy, softmaxCrossEntropyGrad } from './kernels/softmax-cross-entropy.js';

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
    Conv2D: conv2d,
    Conv2DBackpropFilter: conv2dFilterGradient,
    Conv2DBackpropInput: conv2dInputGradient,
    Fill: fill,
    FusedConv2D: fusedConv2d,
    GatherNd: gatherNdWithoutLeak,
    MaxPoolWithArgmax: int32Indices,
    PadV2: padByAxis,
    Sum: sumOfRows,
    Select: flatSelect,
    StridedSlice: stridedSliceByAxis,
  };
