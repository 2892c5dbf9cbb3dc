import { mean, type Tensor } from '@stratajs/core';
import { checkImages } from './layer-arguments.js';
import { Module } from './module.js';

/**
 * The mean over all positions, per channel.
 *
 * Shapes: x [N, H, W, C] → [N, C].
 *
 * @throws ShapeError when x is not of rank 4.
 *
 * Paper: Lin et al., "Network in network", ICLR 2014.
 */
export class GlobalAvgPool2d extends Module {
  forward(x: Tensor): Tensor {
    checkImages(x, 'GlobalAvgPool2d');
    return mean(x, { axis: [1, 2] });
  }
}
