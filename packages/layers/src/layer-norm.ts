import {
  ConfigError,
  describeValue,
  layerNorm,
  type Parameter,
  type Shape,
  ShapeError,
  type Tensor,
} from '@stratajs/core';
import { affineParameters } from './affine-parameters.js';
import { checkEpsilon, checkFeatures, checkOptions } from './layer-arguments.js';
import { Module } from './module.js';

export interface LayerNormOptions {
  /** Added to the variance. Default 1e-5. */
  readonly epsilon?: number;
  /** Whether a scale and a shift are learnt for each value. Default true. */
  readonly affine?: boolean;
}

/**
 * Normalizes each sample by the mean and biased variance of its own last axes, then scales and shifts each of
 * their values: y = γ·(x − μ)/√(v + ε) + β. The same in training and evaluation.
 *
 * Shapes: x [..., ...normalizedShape] → the same; `weight` (γ, from 1), `bias` (β, from 0) normalizedShape, null
 * where `affine` is false. A number for normalizedShape is the size of the last axis.
 *
 * @throws ConfigError for sizes that are no positive whole numbers, or unknown options.
 * @throws ShapeError when the last axes of x are not normalizedShape.
 *
 * Paper: Ba, Kiros & Hinton, "Layer normalization", 2016.
 */
export class LayerNorm extends Module {
  readonly normalizedShape: Shape;
  readonly epsilon: number;
  readonly weight: Parameter | null;
  readonly bias: Parameter | null;

  constructor(normalizedShape: number | Shape, options: LayerNormOptions = {}) {
    super();
    const shape = typeof normalizedShape === 'number' ? [normalizedShape] : normalizedShape;
    if (
      !Array.isArray(shape) ||
      shape.length === 0 ||
      !shape.every((n) => Number.isInteger(n) && n >= 1)
    ) {
      throw new ConfigError(
        'The normalizedShape of LayerNorm is a whole number of at least 1, or a list of them. ' +
          `Received: ${Array.isArray(shape) ? JSON.stringify(shape) : describeValue(normalizedShape)}.`,
      );
    }
    checkOptions('LayerNorm', options, ['epsilon', 'affine']);
    const { epsilon = 1e-5, affine = true } = options;
    checkEpsilon('LayerNorm', epsilon);
    this.normalizedShape = [...shape];
    this.epsilon = epsilon;
    const parameters = affine ? affineParameters(shape) : null;
    this.weight = parameters && parameters.weight;
    this.bias = parameters && parameters.bias;
  }

  forward(x: Tensor): Tensor {
    const { normalizedShape, epsilon } = this;
    checkFeatures(x, 'LayerNorm');
    const last = x.shape.slice(-normalizedShape.length);
    if (String(last) !== String(normalizedShape)) {
      throw new ShapeError(
        `LayerNorm expects inputs [..., ${normalizedShape.join(', ')}]. Received: shape [${x.shape.join(', ')}]. ` +
          'Build it for the sizes that come.',
      );
    }
    const weight = this.weight?.value;
    const bias = this.bias?.value;
    return layerNorm(x, normalizedShape, { weight, bias, epsilon });
  }
}
