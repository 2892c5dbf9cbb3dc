import { maxPool2d, type Tensor } from '@stratajs/core';
import { checkImages } from './layer-arguments.js';
import { Module } from './module.js';
import { checkPadding, type Padding2d } from './padding.js';
import { type Pool2dOptions, poolWindow } from './pool-window.js';

/**
 * The largest value in each window, per channel.
 *
 * Shapes: x [N, H, W, C] → [N, ⌊(H + padding − kernel) / stride⌋ + 1, …, C].
 *
 * @throws ConfigError for sizes that are no positive whole numbers, or an unknown option.
 * @throws ShapeError when x is not of rank 4, or smaller than the window.
 *
 * Paper: Ranzato et al., "Unsupervised learning of invariant feature hierarchies", CVPR 2007.
 */
export class MaxPool2d extends Module {
  readonly kernelSize: readonly [number, number];
  readonly strides: readonly [number, number];
  readonly padding: Padding2d;

  constructor(kernelSize: number | readonly [number, number], options: Pool2dOptions = {}) {
    super();
    const { size, strides } = poolWindow('MaxPool2d', kernelSize, options);
    this.kernelSize = size;
    this.strides = strides;
    this.padding = checkPadding('MaxPool2d', options.padding ?? 'valid');
  }

  forward(x: Tensor): Tensor {
    checkImages(x, 'MaxPool2d');
    const { kernelSize, strides, padding } = this;
    return maxPool2d(x, { kernelSize, strides, padding });
  }
}
