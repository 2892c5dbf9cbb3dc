import { ConfigError, describeValue, softmax, type Tensor } from '@stratajs/core';
import { checkFeatures } from '../layer-arguments.js';
import { Module } from '../module.js';

/**
 * exp(x_i) / Σ_j exp(x_j) along one axis: scores to probabilities. To train, leave it out and give the scores
 * to `losses.crossEntropy`.
 *
 * @throws ConfigError when the axis (default −1, the last) is no whole number, or not one of x's.
 */
export class Softmax extends Module {
  readonly axis: number;

  constructor(axis: number = -1) {
    super();
    if (!Number.isInteger(axis)) {
      throw new ConfigError(
        `The axis of Softmax is a whole number. Received: ${describeValue(axis)}.`,
      );
    }
    this.axis = axis;
  }

  forward(x: Tensor): Tensor {
    checkFeatures(x, 'Softmax');
    return softmax(x, this.axis);
  }
}
