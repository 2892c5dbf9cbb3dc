import { describe, run } from '../engine.js';
import { ConfigError, ShapeError } from '../errors.js';
import { groupedConv2d } from '../extension/grouped-conv2d.js';
import type { Tensor } from '../tensor.js';
import { checkRank, checkTensor, shapeText } from './arguments.js';
import { checkAlgorithm, type ConvolutionAlgorithm } from './convolution-algorithm.js';
import { padAttribute, type Padding, perAxis, windows } from './padding.js';

export interface Conv2dOptions {
  /** [out], added to every output position. */
  readonly bias?: Tensor | undefined;
  /** Default 1. */
  readonly strides?: number | readonly [number, number];
  /** Default 'valid'. */
  readonly padding?: Padding;
  /** Distance of the filter's taps. Default 1. */
  readonly dilations?: number | readonly [number, number];
  /** How to compute it, and its gradients. Default 'auto'. */
  readonly algorithm?: ConvolutionAlgorithm;
  /**
   * Into how many groups the channels are divided: group g of the outputs sees group g of the inputs
   * alone. It divides both numbers of channels. Default 1.
   */
  readonly groups?: number;
}

/**
 * Two-dimensional convolution (cross-correlation, the filter is not flipped):
 * y[n, i, j, o] = Σ x[n, i·s + h·d − p, j·s + w·d − p, c] · filter[h, w, c, o] + bias[o].
 *
 * x [N, H, W, C], filter [h, w, C, O] → [N, H', W', O] with H' = ⌊(H + padding − (h − 1)·d − 1) / s⌋ + 1.
 * With G `groups` the filter is [h, w, C/G, O], and output o sums over the C/G channels of group ⌊o·G/O⌋.
 *
 * @throws ShapeError when the channels differ or the filter does not fit.
 * @throws ConfigError when the algorithm cannot do the filter, the strides, the dilations or the groups, and for
 * groups that do not divide the channels.
 */
export function conv2d(x: Tensor, filter: Tensor, options: Conv2dOptions = {}): Tensor {
  const { bias, strides = 1, padding = 'valid', dilations = 1 } = options;
  const { groups = 1, algorithm = 'auto' } = options;
  checkConvolution('conv2d', x, filter, bias, 4, '[batch, height, width, channels]', groups);
  const along = windows(
    'conv2d',
    x.shape.slice(1, 3),
    filter.shape.slice(0, 2),
    perAxis(strides, 2, 'The strides of conv2d()'),
    perAxis(dilations, 2, 'The dilations of conv2d()'),
    padding,
  );
  checkAlgorithm('conv2d', algorithm, along, groups);
  if (x.shape[0] === 0) {
    return run(
      'Fill',
      {},
      { shape: [0, ...along.map((w) => w.output), filter.shape[3]], value: 0, dtype: 'float32' },
    );
  }
  const window = {
    strides: along.map((w) => w.stride),
    pad: padAttribute(padding, along),
    dilations: along.map((w) => w.dilation),
  };
  if (groups > 1) return groupedConv2d(x, filter, bias, { ...window, groups });
  const attrs = { ...window, dataFormat: 'NHWC', dimRoundingMode: undefined, algorithm };
  if (bias === undefined) return run('Conv2D', { x, filter }, attrs);
  return run(
    'FusedConv2D',
    { x, filter, bias },
    { ...attrs, activation: 'linear', leakyreluAlpha: undefined },
  );
}

/** Ranks, dtypes and channels of a convolution whose filter is [...sizes, in, out]. */
export function checkConvolution(
  op: string,
  x: Tensor,
  filter: Tensor,
  bias: Tensor | undefined,
  rank: number,
  layout: string,
  groups: number = 1,
): void {
  checkTensor(x, op);
  checkTensor(filter, op, 'filter');
  checkRank(x, rank, op, layout);
  checkRank(filter, rank, op, '[...kernel sizes, in channels, out channels]', 'filter');
  checkFloat(op, x, 'x');
  checkFloat(op, filter, 'filter');
  checkGroups(op, groups, x.shape.at(-1)!, filter.shape.at(-1)!);
  const channels = filter.shape.at(-2)! * groups;
  if (x.shape.at(-1) !== channels) {
    throw new ShapeError(
      `${op}() takes as many channels as its filter has inputs. Received: x ${shapeText(x.shape)} with ${x.shape.at(-1)} channels, ` +
        `filter ${shapeText(filter.shape)} for ${channels}${groups > 1 ? ` in ${groups} groups` : ''}. Channels are the last axis of x and the second last of the filter.`,
    );
  }
  checkBias(op, bias, filter.shape.at(-1)!);
}

export function checkGroups(op: string, groups: number, channels: number, outputs: number): void {
  const divides = Number.isInteger(groups) && groups >= 1;
  if (divides && channels % groups === 0 && outputs % groups === 0) return;
  throw new ConfigError(
    `The groups of ${op}() are a whole number that divides the channels of x and those of the result. ` +
      `Received: ${describe(groups)} for ${channels} and ${outputs} channels.`,
  );
}

export function checkFloat(op: string, x: Tensor, name: string): void {
  if (x.dtype === 'float32') return;
  throw new ShapeError(
    `${op}() takes float32 tensors. Received: ${name} is ${describe(x)}. cast() it first.`,
  );
}

export function checkBias(op: string, bias: Tensor | undefined, channels: number): void {
  if (bias === undefined) return;
  checkTensor(bias, op, 'bias');
  checkFloat(op, bias, 'bias');
  if (bias.shape.length === 1 && bias.shape[0] === channels) return;
  throw new ShapeError(
    `The bias of ${op}() has one value for each output channel: [${channels}]. Received: ${shapeText(bias.shape)}.`,
  );
}
