import { sigmoid, type Tensor } from '@stratajs/core';
import { checkFeatures } from '../layer-arguments.js';
import { Module } from '../module.js';

/** 1 / (1 + e⁻ˣ), element by element. */
export class Sigmoid extends Module {
  forward(x: Tensor): Tensor {
    checkFeatures(x, 'Sigmoid');
    return sigmoid(x);
  }
}
