import { relu, type Tensor } from '@stratajs/core';
import { checkFeatures } from '../layer-arguments.js';
import { Module } from '../module.js';

/** max(x, 0), element by element; its gradient at 0 is 0 (Nair & Hinton, ICML 2010). */
export class ReLU extends Module {
  forward(x: Tensor): Tensor {
    checkFeatures(x, 'ReLU');
    return relu(x);
  }
}
