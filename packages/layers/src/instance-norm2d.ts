import { groupNorm, type Parameter, type Tensor } from '@stratajs/core';
import { affineParameters } from './affine-parameters.js';
import { checkCount, checkEpsilon, checkImages, checkOptions } from './layer-arguments.js';
import { Module } from './module.js';

export interface InstanceNorm2dOptions {
  /** Added to the variance. Default 1e-5. */
  readonly epsilon?: number;
  /** Whether a scale and a shift are learnt for each channel. Default false, as in PyTorch. */
  readonly affine?: boolean;
}

/**
 * Normalizes each channel of each image by its own mean and biased variance over height and width:
 * y = γ·(x − μ)/√(v + ε) + β. The same in training and evaluation.
 *
 * Shapes: x [N, H, W, channels] → the same; `weight` (γ, from 1), `bias` (β, from 0) [channels], null unless
 * `affine` is true.
 *
 * @throws ConfigError for options out of range or unknown.
 * @throws ShapeError when x is not of rank 4 with `channels` channels.
 *
 * Paper: Ulyanov, Vedaldi & Lempitsky, "Instance normalization", 2016.
 * Differs from torch.nn: no running statistics (there off by default), and an image of one pixel gives β.
 */
export class InstanceNorm2d extends Module {
  readonly channels: number;
  readonly epsilon: number;
  readonly weight: Parameter | null;
  readonly bias: Parameter | null;

  constructor(channels: number, options: InstanceNorm2dOptions = {}) {
    super();
    checkCount('InstanceNorm2d', 'channels', channels);
    checkOptions('InstanceNorm2d', options, ['epsilon', 'affine']);
    const { epsilon = 1e-5, affine = false } = options;
    checkEpsilon('InstanceNorm2d', epsilon);
    this.channels = channels;
    this.epsilon = epsilon;
    const parameters = affine ? affineParameters([channels]) : null;
    this.weight = parameters && parameters.weight;
    this.bias = parameters && parameters.bias;
  }

  forward(x: Tensor): Tensor {
    checkImages(x, 'InstanceNorm2d', this.channels);
    const weight = this.weight?.value;
    const bias = this.bias?.value;
    return groupNorm(x, this.channels, { weight, bias, epsilon: this.epsilon });
  }
}
