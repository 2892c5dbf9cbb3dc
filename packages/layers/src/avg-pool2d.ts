import { avgPool2d, type Tensor } from '@stratajs/core';
import { checkImages } from './layer-arguments.js';
import { Module } from './module.js';
import { checkPadding, type Padding2d } from './padding.js';
import { type Pool2dOptions, poolWindow } from './pool-window.js';

/**
 * The mean of each window, per channel. Where a window reaches over the edge, the mean is of what
 * lies inside the image.
 *
 * Shapes: x [N, H, W, C] → [N, ⌊(H + padding − kernel) / stride⌋ + 1, …, C].
 *
 * @throws ConfigError for sizes that are no positive whole numbers, or an unknown option.
 * @throws ShapeError when x is not of rank 4, or smaller than the window.
 *
 * Paper: LeCun et al., "Gradient-based learning applied to document recognition", Proc. IEEE 86 (1998).
 * Differs from PyTorch's default in that padded zeros do not count (its count_include_pad=False).
 */
export class AvgPool2d extends Module {
  readonly kernelSize: readonly [number, number];
  readonly strides: readonly [number, number];
  readonly padding: Padding2d;

  constructor(kernelSize: number | readonly [number, number], options: Pool2dOptions = {}) {
    super();
    const { size, strides } = poolWindow('AvgPool2d', kernelSize, options);
    this.kernelSize = size;
    this.strides = strides;
    this.padding = checkPadding('AvgPool2d', options.padding ?? 'valid');
  }

  forward(x: Tensor): Tensor {
    checkImages(x, 'AvgPool2d');
    const { kernelSize, strides, padding } = this;
    return avgPool2d(x, { kernelSize, strides, padding });
  }
}
