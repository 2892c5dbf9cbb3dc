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

/** Kernels that follow the product. XNNPACK could apply relu and relu6 while it stores one, but drops NaN. */
const KERNELS: Readonly<Record<string, string>> = {
  relu: 'Relu',
  relu6: 'Relu6',
  elu: 'Elu',
  sigmoid: 'Sigmoid',
  tanh: 'Tanh',
  leakyrelu: 'LeakyRelu',
  prelu: 'Prelu',
};

/** What goes into the product itself, and what is left. */
export interface Fused {
  readonly bias: TensorInfo | null;
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
  // A bias of another shape broadcasts, in a pass of its own.
  const perChannel =
    !bias || (util.sizeFromShape(bias.shape) === outChannels && bias.shape.at(-1) === outChannels);
  return {
    bias: perChannel ? (bias ?? null) : null,
    rest: { bias: perChannel ? null : (bias ?? null), activation: wanted },
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
