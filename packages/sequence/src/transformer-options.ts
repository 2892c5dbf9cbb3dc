/** What the two layers of the Transformer share: their options. */
import { ConfigError, describeValue, gelu, relu, type Rng, type Tensor } from '@stratajs/core';
import { checkCount, checkOptions } from './attention-arguments.js';

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

const TRANSFORMER_OPTIONS: readonly string[] = [
  'feedForwardFeatures',
  'dropout',
  'activation',
  'normFirst',
  'layerNormEps',
  'rng',
];

const ACTIVATIONS = { relu, gelu: (x: Tensor): Tensor => gelu(x) };

/** What a layer is made of, by its options. */
interface Resolved {
  readonly feedForwardFeatures: number;
  readonly dropout: number;
  readonly activation: (x: Tensor) => Tensor;
  readonly normFirst: boolean;
  /** Options of the norms, and of what draws. */
  readonly norm: { readonly epsilon: number };
  readonly from: { readonly rng?: Rng };
}

/** The options of a layer, checked and complete. */
export function resolved(
  layer: string,
  features: number,
  options: TransformerLayerOptions,
): Resolved {
  checkOptions(layer, options, TRANSFORMER_OPTIONS);
  const { feedForwardFeatures = 2048, dropout = 0.1, activation = 'relu' } = options;
  const { normFirst = false, layerNormEps = 1e-5, rng } = options;
  checkCount(layer, 'features', features);
  checkCount(layer, 'feedForwardFeatures', feedForwardFeatures);
  const from = rng === undefined ? {} : { rng };
  return {
    feedForwardFeatures,
    dropout,
    activation: activationOf(layer, activation),
    normFirst,
    norm: { epsilon: layerNormEps },
    from,
  };
}

function activationOf(layer: string, name: string): (x: Tensor) => Tensor {
  if (Object.hasOwn(ACTIVATIONS, name)) return ACTIVATIONS[name as 'relu'];
  throw new ConfigError(
    `The activation of ${layer} is 'relu' or 'gelu'. Received: ${describeValue(name)}.`,
  );
}
