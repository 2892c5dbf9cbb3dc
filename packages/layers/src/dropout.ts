import {
  ConfigError,
  defaultRng,
  describeValue,
  dropout,
  identity,
  type Rng,
  type Tensor,
} from '@stratajs/core';
import { checkFeatures, checkOptions } from './layer-arguments.js';
import { Module } from './module.js';

/**
 * In training, sets each value to 0 with probability `rate` and divides the others by 1 − rate, so
 * that the expectation stays; in evaluation, lets everything pass.
 *
 * Shapes: x of any shape → the same. Draws come from a generator of its own, forked from `rng`
 * (default: the default generator), whose position a checkpoint can save (`namedRngs()`).
 *
 * @throws ConfigError when rate lies outside [0, 1).
 *
 * Paper: Srivastava et al., "Dropout", JMLR 15 (2014).
 * Differs from the paper: it scales in training, not in evaluation.
 */
export class Dropout extends Module {
  readonly rate: number;
  readonly rng: Rng;

  constructor(rate: number = 0.5, options: { readonly rng?: Rng } = {}) {
    super();
    checkOptions('Dropout', options, ['rng']);
    if (!(typeof rate === 'number' && rate >= 0 && rate < 1)) {
      throw new ConfigError(
        `The rate of Dropout is the probability that a value is dropped, in [0, 1). Received: ${describeValue(rate)}.`,
      );
    }
    this.rate = rate;
    this.rng = (options.rng ?? defaultRng()).fork();
  }

  forward(x: Tensor): Tensor {
    checkFeatures(x, 'Dropout');
    return this.training && this.rate > 0 ? dropout(x, this.rate, { rng: this.rng }) : identity(x);
  }
}
