import { run } from '../engine.js';
import { ShapeError } from '../errors.js';
import { groupedConv2d } from '../extension/grouped-conv2d.js';
import { tidy } from '../memory.js';
import type { Tensor } from '../tensor.js';
import { checkRank, checkTensor, shapeText } from './arguments.js';
import { checkBias, checkFloat, type Conv2dOptions } from './conv2d.js';
import { padAttribute, perAxis, windows } from './padding.js';
import { reshape } from './shape.js';

/** As of conv2d(), but for the groups, of which every channel is one, and the algorithm. */
export type DepthwiseConv2dOptions = Omit<Conv2dOptions, 'groups' | 'algorithm'>;

/**
 * Convolution of each channel on its own: x [N, H, W, C], filter [h, w, C, M] → [N, H', W', C·M];
 * output channel c·M + m is channel c filtered by filter[:, :, c, m]. Options as conv2d().
 */
export function depthwiseConv2d(
  x: Tensor,
  filter: Tensor,
  options: DepthwiseConv2dOptions = {},
): Tensor {
  const op = 'depthwiseConv2d';
  const { bias, strides = 1, padding = 'valid', dilations = 1 } = options;
  checkTensor(x, op);
  checkTensor(filter, op, 'filter');
  checkRank(x, 4, op, '[batch, height, width, channels]');
  checkRank(filter, 4, op, '[height, width, channels, multiplier]', 'filter');
  checkFloat(op, x, 'x');
  checkFloat(op, filter, 'filter');
  const [h, w, channels, multiplier] = filter.shape as [number, number, number, number];
  if (x.shape[3] !== channels) {
    throw new ShapeError(
      `${op}() takes as many channels as its filter has. Received: x ${shapeText(x.shape)} with ${x.shape[3]} channels, ` +
        `filter ${shapeText(filter.shape)} for ${channels}. Channels are the last axis of x and the third of the filter.`,
    );
  }
  checkBias(op, bias, channels * multiplier);
  const spacing = perAxis(dilations, 2, `The dilations of ${op}()`);
  const along = windows(
    op,
    x.shape.slice(1, 3),
    [h, w],
    perAxis(strides, 2, `The strides of ${op}()`),
    spacing,
    padding,
  );
  if (x.shape[0] === 0) {
    const shape = [0, ...along.map((a) => a.output), channels * multiplier];
    return run('Fill', {}, { shape, value: 0, dtype: 'float32' });
  }
  const window = {
    strides: along.map((a) => a.stride),
    pad: padAttribute(padding, along),
    dilations: spacing,
  };
  // tfjs's kernels take strides or dilations, not both.
  if (along.some((a) => a.stride > 1) && along.some((a) => a.dilation > 1)) {
    return tidy(() => {
      const flat = reshape(filter, [h, w, 1, channels * multiplier]);
      return groupedConv2d(x, flat, bias, { ...window, groups: channels });
    });
  }
  const attrs = { ...window, dataFormat: 'NHWC', dimRoundingMode: undefined };
  if (bias === undefined) return run('DepthwiseConv2dNative', { x, filter }, attrs);
  return run(
    'FusedDepthwiseConv2D',
    { x, filter, bias },
    { ...attrs, activation: 'linear', leakyreluAlpha: undefined },
  );
}
