import { linear, type Parameter, type Rng, type Tensor } from '@stratajs/core';
import { initialParameter } from './init/initial-parameter.js';
import type { Initializer } from './init/initializer.js';
import { torchDefault } from './init/torch-default.js';
import { checkCount, checkFeatures, checkOptions } from './layer-arguments.js';
import { Module } from './module.js';

export interface LinearOptions {
  /** Whether b is added. Default true. */
  readonly bias?: boolean;
  /** Of the initial values. Default: the default generator. */
  readonly rng?: Rng;
  /** Default `init.torchDefault`: uniform in ±1/√inFeatures. */
  readonly weightInit?: Initializer;
  /** Default `init.torchDefault`, as for the weight. */
  readonly biasInit?: Initializer;
}

/**
 * An affine map: y = x·Wᵀ + b. With a threshold on top, the perceptron.
 *
 * Shapes: x [..., inFeatures], W `weight` [outFeatures, inFeatures], b `bias` [outFeatures],
 * y [..., outFeatures].
 *
 * @throws ConfigError for a size that is no positive whole number, or an unknown option.
 * @throws ShapeError when the last axis of x is not inFeatures.
 *
 * Paper: Rosenblatt, "The perceptron", Psychological Review 65 (1958).
 */
export class Linear extends Module {
  readonly inFeatures: number;
  readonly outFeatures: number;
  readonly weight: Parameter;
  readonly bias: Parameter | null;

  constructor(inFeatures: number, outFeatures: number, options: LinearOptions = {}) {
    super();
    checkCount('Linear', 'inFeatures', inFeatures);
    checkCount('Linear', 'outFeatures', outFeatures);
    checkOptions('Linear', options, ['bias', 'rng', 'weightInit', 'biasInit']);
    const { bias = true, rng, weightInit = torchDefault, biasInit = torchDefault } = options;
    const from = { rng, fanIn: inFeatures, fanOut: outFeatures };
    this.inFeatures = inFeatures;
    this.outFeatures = outFeatures;
    this.weight = initialParameter(weightInit, [outFeatures, inFeatures], from, {
      layout: 'linear',
      externalName: 'weight',
    });
    this.bias = bias
      ? initialParameter(biasInit, [outFeatures], from, { layout: 'vector', externalName: 'bias' })
      : null;
  }

  forward(x: Tensor): Tensor {
    checkFeatures(x, 'Linear', this.inFeatures);
    return linear(x, this.weight.value, this.bias?.value);
  }
}
