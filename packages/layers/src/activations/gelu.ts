import { gelu, type GeluOptions, type Tensor } from '@stratajs/core';
import { checkFeatures, checkOptions } from '../layer-arguments.js';
import { Module } from '../module.js';

/**
 * x·Φ(x), element by element, Φ the normal distribution function (Hendrycks & Gimpel, 2016).
 *
 * @throws ConfigError for an unknown option; `approximate` (default false) takes the tanh form.
 */
export class GELU extends Module {
  readonly approximate: boolean;

  constructor(options: GeluOptions = {}) {
    super();
    checkOptions('GELU', options, ['approximate']);
    this.approximate = options.approximate ?? false;
  }

  forward(x: Tensor): Tensor {
    checkFeatures(x, 'GELU');
    return gelu(x, { approximate: this.approximate });
  }
}
