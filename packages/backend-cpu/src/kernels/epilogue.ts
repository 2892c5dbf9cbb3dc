/** What tfjs's fused kernels do to a result: bias, then activation. */
import type { TensorInfo } from '@tensorflow/tfjs-core';
import { broadcast } from './broadcast.js';
import { type MakeKernel, type Runtime, sameShape } from './kernel.js';

/** The activations that native kernels compute on the way out, by the numbers by which they know them. */
export const ACTIVATIONS: Readonly<Record<string, number>> = {
  linear: 0,
  relu: 1,
  relu6: 2,
  elu: 3,
  sigmoid: 4,
  tanh: 5,
};

interface Inputs {
  readonly bias?: TensorInfo | null;
  readonly preluActivationWeights?: TensorInfo | null;
}

interface Attributes {
  readonly activation?: string | null;
  readonly leakyreluAlpha?: number;
}

/**
 * A fused kernel that takes every epilogue of tfjs's, from one that gives undefined for those that native code does not
 * compute on the way out: a bias over more axes than the last, leakyrelu and prelu. These are further passes over the
 * result, in place.
 */
export function withEpilogue<I extends Inputs, A extends Attributes>(
  make: MakeKernel<I, A>,
): MakeKernel<I, A> {
  return (runtime) => {
    const kernel = make(runtime);
    return (inputs, attributes) => {
      const result = kernel(inputs, attributes);
      if (result !== undefined) return result;
      const linear = { ...attributes, activation: 'linear' };
      const biased = kernel(inputs, linear);
      const y = biased ?? kernel({ ...inputs, bias: null }, linear);
      if (y === undefined) return undefined;
      const { bias, preluActivationWeights } = inputs;
      const done =
        (biased !== undefined || combine(runtime, 'add', y as TensorInfo, bias)) &&
        activate(runtime, y as TensorInfo, attributes, preluActivationWeights);
      if (done) return y;
      runtime.backend.disposeIntermediateTensorInfo(y as TensorInfo);
      return undefined;
    };
  };
}

/** y = name(y, other) in place; false when `other` does not spread over y's shape. */
function combine(
  { native, backend }: Runtime,
  name: 'add' | 'prelu',
  y: TensorInfo,
  other: TensorInfo | null | undefined,
): boolean {
  if (!other || other.dtype !== 'float32') return false;
  const spread = broadcast(y.shape, other.shape);
  if (spread === null || !sameShape(spread.shape, y.shape)) return false;
  const values = backend.values(y);
  native[name](values, backend.values(other), values, spread.size, spread.plan);
  return true;
}

function activate(
  runtime: Runtime,
  y: TensorInfo,
  { activation, leakyreluAlpha }: Attributes,
  weights: TensorInfo | null | undefined,
): boolean {
  const { native, backend } = runtime;
  const values = backend.values(y);
  const name = activation ?? 'linear';
  if (name === 'linear') return true;
  if (name === 'prelu') return combine(runtime, 'prelu', y, weights);
  if (name === 'leakyrelu') {
    if (leakyreluAlpha === undefined) return false;
    native.leakyRelu(values, values, values.length, leakyreluAlpha);
    return true;
  }
  if (ACTIVATIONS[name] === undefined) return false;
  // Native code has a kernel of the same name for each.
  native[name as 'relu' | 'relu6' | 'elu' | 'sigmoid' | 'tanh'](values, values, values.length);
  return true;
}
