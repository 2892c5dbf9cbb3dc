import { tanh, type Tensor } from '@stratajs/core';
import { checkFeatures } from '../layer-arguments.js';
import { Module } from '../module.js';

/** The hyperbolic tangent, element by element. */
export class Tanh extends Module {
  forward(x: Tensor): Tensor {
    checkFeatures(x, 'Tanh');
    return tanh(x);
  }
}
