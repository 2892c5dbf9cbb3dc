import { softplus, type Tensor } from '@stratajs/core';
import { checkFeatures } from '../layer-arguments.js';
import { Module } from '../module.js';

/** ln(1 + eˣ), element by element (Dugas et al., NIPS 2000). */
export class Softplus extends Module {
  forward(x: Tensor): Tensor {
    checkFeatures(x, 'Softplus');
    return softplus(x);
  }
}
