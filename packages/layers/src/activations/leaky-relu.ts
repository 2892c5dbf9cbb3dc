import { ConfigError, describeValue, leakyRelu, type Tensor } from '@stratajs/core';
import { checkFeatures } from '../layer-arguments.js';
import { Module } from '../module.js';

/**
 * x where x > 0, else slope·x, element by element (Maas et al., 2013).
 *
 * @throws ConfigError when the slope (default 0.01) is no finite number.
 */
export class LeakyReLU extends Module {
  readonly slope: number;

  constructor(slope: number = 0.01) {
    super();
    if (!Number.isFinite(slope)) {
      throw new ConfigError(
        `The slope of LeakyReLU is a finite number. Received: ${describeValue(slope)}.`,
      );
    }
    this.slope = slope;
  }

  forward(x: Tensor): Tensor {
    checkFeatures(x, 'LeakyReLU');
    return leakyRelu(x, this.slope);
  }
}
