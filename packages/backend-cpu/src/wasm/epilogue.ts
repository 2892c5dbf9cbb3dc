/** Bias and activation of the fused kernels. */
import { type TensorInfo, util } from '@tensorflow/tfjs-core';
import { using, type WasmRuntime } from './kernel.js';

export interface EpilogueInputs {
  readonly bias?: TensorInfo | null;
  readonly preluActivationWeights?: TensorInfo | null;
}

export interface EpilogueAttributes {
  readonly activation?: string | null;
  readonly leakyreluAlpha?: number;
}

/** The program's codes of the activations that it applies while it stores a product. */
const CLAMPS: Readonly<Record<string, number>> = { linear: 0, relu: 1, relu6: 2 };

const KERNELS: Readonly<Record<string, string>> = {
  relu: 'Relu',
  relu6: 'Relu6',
  elu: 'Elu',
  sigmoid: 'Sigmoid',
  tanh: 'Tanh',
  leakyrelu: 'LeakyRelu',
  prelu: 'Prelu',
};

/** How much of bias and activation goes into the product itself. */
export interface Fused {
  readonly bias: TensorInfo | null;
  readonly clamp: number;
  /** What is left of it. */
  readonly rest: { readonly bias: TensorInfo | null; readonly activation: string };
}

/** Null for an activation that this tier does not know. */
export function plan(
  { bias }: EpilogueInputs,
  { activation }: EpilogueAttributes,
  outChannels: number,
): Fused | null {
  const wanted = activation ?? 'linear';
  if (wanted !== 'linear' && KERNELS[wanted] === undefined) return null;
  // A bias of another shape broadcasts; only then does it stand before the activation in a pass of its own.
  const perChannel =
    !bias || (util.sizeFromShape(bias.shape) === outChannels && bias.shape.at(-1) === outChannels);
  const clamp = perChannel ? CLAMPS[wanted] : undefined;
  return {
    bias: perChannel ? (bias ?? null) : null,
    clamp: clamp ?? 0,
    rest: {
      bias: perChannel ? null : (bias ?? null),
      activation: clamp === undefined ? wanted : 'linear',
    },
  };
}

/** Applies what is left to a product, which it takes over. */
export function finish(
  runtime: WasmRuntime,
  y: TensorInfo,
  { rest }: Fused,
  { preluActivationWeights }: EpilogueInputs,
  { leakyreluAlpha }: EpilogueAttributes,
): TensorInfo {
  const { bias, activation } = rest;
  const shifted = bias ? using(runtime, y, () => runtime.run('Add', { a: y, b: bias })) : y;
  const kernel = KERNELS[activation];
  if (kernel === undefined) return shifted;
  return using(runtime, shifted, (x) => {
    const inputs = preluActivationWeights ? { x, alpha: preluActivationWeights } : { x };
    return runtime.run(kernel, inputs, { alpha: leakyreluAlpha });
  });
}
