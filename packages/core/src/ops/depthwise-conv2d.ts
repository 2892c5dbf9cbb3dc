import { run } from '../engine.js';
import { ShapeError } from '../errors.js';
import { tidy } from '../memory.js';
import type { Tensor } from '../tensor.js';
import { checkRank, checkTensor, shapeText } from './arguments.js';
import { add } from './binary.js';
import { checkBias, checkFloat, type Conv2dOptions } from './conv2d.js';
import { dilated } from './dilate.js';
import { padAttribute, perAxis, windows } from './padding.js';

/**
 * Convolution of each channel on its own: x [N, H, W, C], filter [h, w, C, M] → [N, H', W', C·M];
 * output channel c·M + m is channel c filtered by filter[:, :, c, m]. Options as conv2d().
 */
export function depthwiseConv2d(
  x: Tensor,
  filter: Tensor,
  options: Omit<Conv2dOptions, 'algorithm'> = {},
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
  // The kernels take strides or dilations, not both.
  const both = along.some((a) => a.stride > 1) && along.some((a) => a.dilation > 1);
  return tidy(() => {
    const y = run(
      'DepthwiseConv2dNative',
      { x, filter: both ? dilated(filter, spacing) : filter },
      {
        strides: along.map((a) => a.stride),
        pad: padAttribute(padding, along),
        dataFormat: 'NHWC',
        dilations: both ? [1, 1] : spacing,
        dimRoundingMode: undefined,
      },
    );
    return bias === undefined ? y : add(y, bias);
  });
}
