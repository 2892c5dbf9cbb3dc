/** Makes the extension kernels run on an engine. */
import {
  getGradient,
  getKernel,
  type GradConfig,
  type KernelFunc,
  registerGradient,
  registerKernel,
} from '@tensorflow/tfjs-core';
import { type Attributes, engine } from '../engine.js';
import { ConfigError } from '../errors.js';
import { nearest } from '../nearest.js';
import type { Tensor } from '../tensor.js';
import { adamUpdateKernel } from './adam-update.js';
import { adaptiveAvgPoolGradKernel, adaptiveAvgPoolKernel } from './adaptive-avg-pool.js';
import { adaptiveMaxPoolKernel } from './adaptive-max-pool.js';
import { attentionGradKernel, attentionKernel } from './attention-kernels.js';
import { averageUpdateKernel } from './average-update.js';
import { conv3dFilterKernel, conv3dInputKernel, conv3dKernel } from './conv3d.js';
import { dropoutKernel } from './dropout.js';
import { firstNonFiniteKernel } from './first-non-finite.js';
import {
  groupedConv2dFilterKernel,
  groupedConv2dInputKernel,
  groupedConv2dKernel,
} from './grouped-conv2d.js';
import { gruGradKernel, gruKernel } from './gru-kernels.js';
import type { ExtensionKernel } from './kernel.js';
import { lstmGradKernel, lstmKernel } from './lstm-kernels.js';
import { normalizeGradKernel, normalizeKernel } from './normalize-kernels.js';
import { randomIntKernel } from './random-int.js';
import { randomNormalKernel } from './random-normal.js';
import { randomUniformKernel } from './random-uniform.js';
import { reluGradKernel } from './relu-grad.js';
import { resizeGradKernel } from './resize-grad.js';
import { sgdUpdateKernel } from './sgd-update.js';
import {
  softmaxCrossEntropyGradKernel,
  softmaxCrossEntropyKernel,
} from './softmax-cross-entropy.js';
import { sortKernel } from './sort.js';

const kernels: readonly ExtensionKernel[] = [
  softmaxCrossEntropyKernel,
  softmaxCrossEntropyGradKernel,
  reluGradKernel,
  normalizeKernel,
  normalizeGradKernel,
  attentionKernel,
  attentionGradKernel,
  adaptiveAvgPoolKernel,
  adaptiveAvgPoolGradKernel,
  adaptiveMaxPoolKernel,
  resizeGradKernel,
  randomUniformKernel,
  randomIntKernel,
  randomNormalKernel,
  dropoutKernel,
  groupedConv2dKernel,
  groupedConv2dInputKernel,
  groupedConv2dFilterKernel,
  conv3dKernel,
  conv3dInputKernel,
  conv3dFilterKernel,
  lstmKernel,
  lstmGradKernel,
  gruKernel,
  gruGradKernel,
  sortKernel,
  firstNonFiniteKernel,
  sgdUpdateKernel,
  adamUpdateKernel,
  averageUpdateKernel,
];

/** The names of the kernels that Strata adds to tfjs's set; KERNELS.md of this package defines each. */
export const extensionKernels: readonly string[] = kernels.map((k) => k.name);

/** A kernel as tfjs calls it, in types of Strata's alone. */
export type KernelCallable = (call: {
  readonly inputs: unknown;
  readonly attrs?: unknown;
}) => unknown;

/**
 * What stands in for the extension kernel `name` on engines that have none of their own: other kernels, run
 * one by one. For an engine whose own kernel takes some calls only.
 *
 *     const kernelFunc = (call) => (fits(call) ? own(call) : compositeOf('StrataRandomInt')(call));
 *
 * @throws ConfigError for a name that is not one of `extensionKernels`.
 */
export function compositeOf(name: string): KernelCallable {
  const kernel = kernels.find((k) => k.name === name);
  if (kernel === undefined) {
    throw new ConfigError(
      `compositeOf() knows the kernels of extensionKernels. Received: '${name}'.${nearest(name, extensionKernels)}`,
    );
  }
  return ({ inputs, attrs }) =>
    engine().tidy(() => kernel.composite(inputs as Record<string, Tensor>, attrs as Attributes));
}

/**
 * Registers a composite for every extension kernel that the engine `backendName` has none of its own
 * for, and the gradients of all of them, once per process.
 */
export function installExtensionKernels(backendName: string): void {
  for (const { name, gradient } of kernels) {
    if (!getKernel(name, backendName)) {
      const kernelFunc = compositeOf(name) as KernelFunc;
      registerKernel({ kernelName: name, backendName, kernelFunc });
    }
    if (gradient && !getGradient(name)) {
      registerGradient({
        kernelName: name,
        inputsToSave: [...gradient.saved],
        outputsToSave: [...(gradient.savedOutputs ?? [])],
        gradFunc: gradient.of as unknown as GradConfig['gradFunc'],
        differentiable: gradient.differentiable,
      } as GradConfig);
    }
  }
}
