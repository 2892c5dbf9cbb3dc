import type { Tensor } from '../tensor.js';
import { ConfigError } from '../errors.js';
import { tidy } from '../memory.js';
import { checkConvolution, conv2d } from './conv2d.js';
import { type Padding, perAxis } from './padding.js';
import { expandDims, squeeze } from './shape.js';

export interface Conv1dOptions {
  /** [out], added to every output position. */
  readonly bias?: Tensor | undefined;
  /** Default 1. */
  readonly strides?: number;
  /** Default 'valid'; a pair is [[before, after]]. */
  readonly padding?: Padding;
  /** Distance of the filter's taps. Default 1. */
  readonly dilations?: number;
  /** As in conv2d(). Default 1. */
  readonly groups?: number;
}

/**
 * One-dimensional convolution: x [N, L, C], filter [k, C/groups, O] → [N, L', O];
 * see conv2d() for the formula.
 */
export function conv1d(x: Tensor, filter: Tensor, options: Conv1dOptions = {}): Tensor {
  const { bias, strides = 1, padding = 'valid', dilations = 1, groups = 1 } = options;
  checkConvolution('conv1d', x, filter, bias, 3, '[batch, length, channels]', groups);
  const [stride] = perAxis(strides, 1, 'The strides of conv1d()') as [number];
  const [dilation] = perAxis(dilations, 1, 'The dilations of conv1d()') as [number];
  return tidy(() => {
    const y = conv2d(expandDims(x, 1), expandDims(filter, 0), {
      bias,
      strides: [1, stride],
      dilations: [1, dilation],
      padding: asRow(padding),
      groups,
    });
    return squeeze(y, 1);
  });
}

function asRow(padding: Padding): Padding {
  if (padding === 'same' || padding === 'valid') return padding;
  if (typeof padding === 'number') {
    return [
      [0, 0],
      [padding, padding],
    ];
  }
  if (Array.isArray(padding) && padding.length === 1) return [[0, 0], padding[0]!];
  throw new ConfigError(
    `The padding of conv1d() is 'same', 'valid', a whole number, or one pair [[before, after]]. Received: ${JSON.stringify(padding)}.`,
  );
}
