import { elu, type Tensor } from '@stratajs/core';
import { checkFeatures } from '../layer-arguments.js';
import { Module } from '../module.js';

/** x where x ≥ 0, else eˣ − 1, element by element (Clevert et al., ICLR 2016). */
export class ELU extends Module {
  forward(x: Tensor): Tensor {
    checkFeatures(x, 'ELU');
    return elu(x);
  }
}
