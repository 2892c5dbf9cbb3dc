import { ConfigError, groupNorm, type Parameter, ShapeError, type Tensor } from '@stratajs/core';
import { affineParameters } from './affine-parameters.js';
import { checkCount, checkEpsilon, checkFeatures, checkOptions } from './layer-arguments.js';
import { Module } from './module.js';

export interface GroupNormOptions {
  /** Added to the variance. Default 1e-5. */
  readonly epsilon?: number;
  /** Whether a scale and a shift are learnt for each channel. Default true. */
  readonly affine?: boolean;
}

/**
 * Normalizes each sample by the mean and biased variance of groups of neighbouring channels over all
 * positions, then scales and shifts each channel: y = γ·(x − μ)/√(v + ε) + β. The same in training and
 * evaluation.
 *
 * Shapes: x [N, ..., channels] → the same; `weight` (γ, from 1), `bias` (β, from 0) [channels], null where
 * `affine` is false.
 *
 * @throws ConfigError when groups do not divide channels, or for unknown options.
 * @throws ShapeError when x has fewer than two axes, or other channels.
 *
 * Paper: Wu & He, "Group normalization", ECCV 2018.
 */
export class GroupNorm extends Module {
  readonly groups: number;
  readonly channels: number;
  readonly epsilon: number;
  readonly weight: Parameter | null;
  readonly bias: Parameter | null;

  constructor(groups: number, channels: number, options: GroupNormOptions = {}) {
    super();
    checkCount('GroupNorm', 'groups', groups);
    checkCount('GroupNorm', 'channels', channels);
    if (channels % groups !== 0) {
      throw new ConfigError(
        `The groups of GroupNorm divide its channels. Received: ${groups} groups of ${channels} channels.`,
      );
    }
    checkOptions('GroupNorm', options, ['epsilon', 'affine']);
    const { epsilon = 1e-5, affine = true } = options;
    checkEpsilon('GroupNorm', epsilon);
    this.groups = groups;
    this.channels = channels;
    this.epsilon = epsilon;
    const parameters = affine ? affineParameters([channels]) : null;
    this.weight = parameters && parameters.weight;
    this.bias = parameters && parameters.bias;
  }

  forward(x: Tensor): Tensor {
    checkFeatures(x, 'GroupNorm', this.channels);
    if (x.shape.length < 2) {
      throw new ShapeError(
        `GroupNorm expects inputs [N, ..., ${this.channels}]. Received: shape [${x.shape.join(', ')}]. ` +
          'Add the batch axis with expandDims().',
      );
    }
    const weight = this.weight?.value;
    const bias = this.bias?.value;
    return groupNorm(x, this.groups, { weight, bias, epsilon: this.epsilon });
  }
}
