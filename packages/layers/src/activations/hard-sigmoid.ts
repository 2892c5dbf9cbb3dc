import { hardSigmoid, type Tensor } from '@stratajs/core';
import { checkFeatures } from '../layer-arguments.js';
import { Module } from '../module.js';

/** min(max(x/6 + 1/2, 0), 1), element by element (Courbariaux et al., 2015, with PyTorch's slope 1/6). */
export class HardSigmoid extends Module {
  forward(x: Tensor): Tensor {
    checkFeatures(x, 'HardSigmoid');
    return hardSigmoid(x);
  }
}
