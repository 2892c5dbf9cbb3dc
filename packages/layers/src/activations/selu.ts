import { selu, type Tensor } from '@stratajs/core';
import { checkFeatures } from '../layer-arguments.js';
import { Module } from '../module.js';

/**
 * 1.0507·(x where x ≥ 0, else 1.6733·(eˣ − 1)), element by element: with `init.lecunNormal`, activations keep
 * mean 0 and variance 1 (Klambauer et al., "Self-normalizing neural networks", NIPS 2017).
 */
export class SELU extends Module {
  forward(x: Tensor): Tensor {
    checkFeatures(x, 'SELU');
    return selu(x);
  }
}
