import { ConfigError, conv2d, type Parameter, type Rng, type Tensor } from '@stratajs/core';
import { initialParameter } from './init/initial-parameter.js';
import type { Initializer } from './init/initializer.js';
import { torchDefault } from './init/torch-default.js';
import { checkCount, checkImages, checkOptions, sizePair } from './layer-arguments.js';
import { Module } from './module.js';
import { checkPadding, type Padding2d } from './padding.js';

export interface Conv2dOptions {
  /** Steps of the window. Default 1. */
  readonly strides?: number | readonly [number, number];
  /** Zeros around the image. Default 'valid': none. */
  readonly padding?: Padding2d;
  /** Distance between the taps of the filter. Default 1. */
  readonly dilations?: number | readonly [number, number];
  /**
   * Into how many groups the channels are divided: group g of the outputs sees group g of the inputs alone. It divides
   * both numbers of channels. Default 1; inChannels makes a depthwise convolution.
   */
  readonly groups?: number;
  /** Whether a bias is added. Default true. */
  readonly bias?: boolean;
  /** Of the initial values. Default: the default generator. */
  readonly rng?: Rng;
  /** Default `init.torchDefault`: uniform in ±1/√(kernel height · kernel width · inChannels / groups). */
  readonly weightInit?: Initializer;
  /** Default `init.torchDefault`, as for the weight. */
  readonly biasInit?: Initializer;
}

const OPTIONS = [
  'strides',
  'padding',
  'dilations',
  'groups',
  'bias',
  'rng',
  'weightInit',
  'biasInit',
];

/**
 * Convolution of images (cross-correlation, as everywhere in the field):
 * y[n, i, j, o] = b[o] + Σ_{h, w, c} x[n, i·s + h·d, j·s + w·d, c] · W[h, w, c, o].
 *
 * Shapes: x [N, H, W, inChannels], `weight` [kernel height, kernel width, inChannels / groups, outChannels],
 * `bias` [outChannels], y [N, H', W', outChannels] with
 * H' = ⌊(H + padding − dilation·(kernel − 1) − 1) / stride⌋ + 1, and ⌈H / stride⌉ for 'same'.
 * With groups, output o sums over the channels c of group ⌊o · groups / outChannels⌋. torch.nn.Conv2d has the same
 * `weight` as [outChannels, inChannels / groups, kernel height, kernel width] and the same `bias`.
 *
 * @throws ConfigError for sizes that are no positive whole numbers, groups that do not divide the channels, or an unknown
 * option.
 * @throws ShapeError when x is not of rank 4 with inChannels on the last axis, or smaller than the filter.
 *
 * Paper: LeCun et al., "Gradient-based learning applied to document recognition", Proc. IEEE 86 (1998).
 */
export class Conv2d extends Module {
  readonly inChannels: number;
  readonly outChannels: number;
  readonly kernelSize: readonly [number, number];
  readonly strides: readonly [number, number];
  readonly padding: Padding2d;
  readonly dilations: readonly [number, number];
  readonly groups: number;
  readonly weight: Parameter;
  readonly bias: Parameter | null;

  constructor(
    inChannels: number,
    outChannels: number,
    kernelSize: number | readonly [number, number],
    options: Conv2dOptions = {},
  ) {
    super();
    checkCount('Conv2d', 'inChannels', inChannels);
    checkCount('Conv2d', 'outChannels', outChannels);
    checkOptions('Conv2d', options, OPTIONS);
    const { bias = true, rng, weightInit = torchDefault, biasInit = torchDefault } = options;
    this.inChannels = inChannels;
    this.outChannels = outChannels;
    this.kernelSize = sizePair('Conv2d', 'kernelSize', kernelSize);
    this.strides = sizePair('Conv2d', 'strides', options.strides ?? 1);
    this.padding = checkPadding('Conv2d', options.padding ?? 'valid');
    this.dilations = sizePair('Conv2d', 'dilations', options.dilations ?? 1);
    this.groups = checkGroups(options.groups ?? 1, inChannels, outChannels);
    const area = this.kernelSize[0] * this.kernelSize[1];
    const from = { rng, fanIn: (area * inChannels) / this.groups, fanOut: area * outChannels };
    this.weight = initialParameter(
      weightInit,
      [...this.kernelSize, inChannels / this.groups, outChannels],
      from,
      { layout: 'conv2d', externalName: 'weight' },
    );
    this.bias = bias
      ? initialParameter(biasInit, [outChannels], from, { layout: 'vector', externalName: 'bias' })
      : null;
  }

  forward(x: Tensor): Tensor {
    checkImages(x, 'Conv2d', this.inChannels);
    return conv2d(x, this.weight.value, {
      strides: this.strides,
      padding: this.padding,
      dilations: this.dilations,
      groups: this.groups,
      ...(this.bias && { bias: this.bias.value }),
    });
  }
}

function checkGroups(groups: number, inChannels: number, outChannels: number): number {
  checkCount('Conv2d', 'groups', groups);
  if (inChannels % groups === 0 && outChannels % groups === 0) return groups;
  throw new ConfigError(
    `groups of Conv2d divides inChannels and outChannels. Received: ${groups} for ${inChannels} and ${outChannels}.`,
  );
}
