/** What the two layers of the Transformer share: their options. */
import { ConfigError, describeValue, gelu, relu, type Rng, type Tensor } from '@stratajs/core';

export interface TransformerLayerOptions {
  /** Features between the two linear layers (PyTorch's `dim_feedforward`). Default 2048. */
  readonly feedForwardFeatures?: number;
  /** Probability with which weights of attention, features between the linear layers, and what is added are dropped in training. Default 0.1. */
  readonly dropout?: number;
  /** Between the linear layers: 'relu' or 'gelu' (the exact one). Default 'relu'. */
  readonly activation?: 'relu' | 'gelu';
  /** Whether norms come before what they belong to, inside the residual connection, instead of after it. Default false. */
  readonly normFirst?: boolean;
  /** Added to the variance by the norms. Default 1e-5. */
  readonly layerNormEps?: number;
  /** Of the initial values and of dropout. Default: the default generator. */
  readonly rng?: Rng;
}

export const TRANSFORMER_OPTIONS: readonly string[] = [
  'feedForwardFeatures',
  'dropout',
  'activation',
  'normFirst',
  'layerNormEps',
  'rng',
];

const ACTIVATIONS = { relu, gelu: (x: Tensor): Tensor => gelu(x) };

export function activationOf(layer: string, name: string): (x: Tensor) => Tensor {
  if (Object.hasOwn(ACTIVATIONS, name)) return ACTIVATIONS[name as 'relu'];
  throw new ConfigError(
    `The activation of ${layer} is 'relu' or 'gelu'. Received: ${describeValue(name)}.`,
  );
}
