import { run } from '../engine.js';
import { runConv3d } from '../extension/conv3d.js';
import type { Tensor } from '../tensor.js';
import { checkConvolution } from './conv2d.js';
import { type Padding, perAxis, windows } from './padding.js';

export interface Conv3dOptions {
  /** [out], added to every output position. */
  readonly bias?: Tensor | undefined;
  /** Default 1. */
  readonly strides?: number | readonly [number, number, number];
  /** Default 'valid'. */
  readonly padding?: Padding;
  /** Distance of the filter's taps. Default 1. */
  readonly dilations?: number | readonly [number, number, number];
}

/**
 * Three-dimensional convolution: x [N, D, H, W, C], filter [d, h, w, C, O] → [N, D', H', W', O];
 * see conv2d() for the formula.
 */
export function conv3d(x: Tensor, filter: Tensor, options: Conv3dOptions = {}): Tensor {
  const { bias, strides = 1, padding = 'valid', dilations = 1 } = options;
  checkConvolution('conv3d', x, filter, bias, 5, '[batch, depth, height, width, channels]');
  const spacing = perAxis(dilations, 3, 'The dilations of conv3d()');
  const along = windows(
    'conv3d',
    x.shape.slice(1, 4),
    filter.shape.slice(0, 3),
    perAxis(strides, 3, 'The strides of conv3d()'),
    spacing,
    padding,
  );
  if (x.shape[0] === 0) {
    const shape = [0, ...along.map((w) => w.output), filter.shape[4]];
    return run('Fill', {}, { shape, value: 0, dtype: 'float32' });
  }
  return runConv3d(x, filter, bias, {
    strides: along.map((w) => w.stride),
    dilations: spacing,
    pad: along.map((w) => [w.before, w.after] as const),
  });
}
