import { silu, type Tensor } from '@stratajs/core';
import { checkFeatures } from '../layer-arguments.js';
import { Module } from '../module.js';

/** x·sigmoid(x), element by element; also called swish (Elfwing et al., Neural Networks 107, 2018). */
export class SiLU extends Module {
  forward(x: Tensor): Tensor {
    checkFeatures(x, 'SiLU');
    return silu(x);
  }
}
