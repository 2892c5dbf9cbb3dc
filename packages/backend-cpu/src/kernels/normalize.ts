/** Batch, layer and group norm by the statistics of the data itself, and their gradient. */
import type { TensorInfo } from '@tensorflow/tfjs-core';
import type { KernelSet, MakeKernel } from './kernel.js';

interface Attributes {
  readonly batch: number;
  readonly positions: number;
  readonly groups: number;
  readonly channels: number;
  readonly epsilon: number;
}

interface Inputs {
  readonly x: TensorInfo;
  readonly gamma: TensorInfo;
}

interface GradientInputs extends Inputs {
  readonly mean: TensorInfo;
  readonly variance: TensorInfo;
  readonly dy: TensorInfo;
  readonly dMean: TensorInfo;
  readonly dVariance: TensorInfo;
}

/** As native/norm/view.h reads it; written anew by every call. */
const view = new Int32Array(4);

function setView({ batch, positions, groups, channels }: Attributes): void {
  view[0] = batch;
  view[1] = positions;
  view[2] = groups;
  view[3] = channels;
}

/** y, mean and variance. */
const forward: MakeKernel<Inputs & { readonly beta: TensorInfo }, Attributes> =
  ({ native, backend }) =>
  ({ x, gamma, beta }, attributes) => {
    const values = backend.values(x);
    const statistics = attributes.batch * attributes.groups;
    const y = backend.allocate(x.shape, 'float32', values.length);
    const mean = backend.allocate([statistics], 'float32', statistics);
    const variance = backend.allocate([statistics], 'float32', statistics);
    setView(attributes);
    native.normalize(
      values,
      backend.values(gamma),
      backend.values(beta),
      backend.values(y),
      backend.values(mean),
      backend.values(variance),
      view,
      attributes.epsilon,
    );
    return [y, mean, variance];
  };

/** The gradients of x, gamma and beta. */
const backward: MakeKernel<GradientInputs, Attributes> =
  ({ native, backend }) =>
  ({ x, gamma, mean, variance, dy, dMean, dVariance }, attributes) => {
    const values = backend.values(x);
    const columns = attributes.groups * attributes.channels;
    const dx = backend.allocate(x.shape, 'float32', values.length);
    const dGamma = backend.allocate(gamma.shape, 'float32', columns);
    const dBeta = backend.allocate(gamma.shape, 'float32', columns);
    setView(attributes);
    native.normalizeGradient(
      values,
      backend.values(gamma),
      backend.values(mean),
      backend.values(variance),
      backend.values(dy),
      backend.values(dMean),
      backend.values(dVariance),
      backend.values(dx),
      backend.values(dGamma),
      backend.values(dBeta),
      view,
      attributes.epsilon,
    );
    return [dx, dGamma, dBeta];
  };

export const normalizeKernels: KernelSet = {
  StrataNormalize: forward,
  StrataNormalizeGrad: backward,
};
