import { run } from '../engine.js';
import { ConfigError, ShapeError } from '../errors.js';
import { groupedConv2dInput } from '../extension/grouped-conv2d.js';
import type { Tensor } from '../tensor.js';
import { checkRank, checkTensor, shapeText } from './arguments.js';
import { checkBias, checkFloat, checkGroups } from './conv2d.js';
import { padAttribute, type Padding, perAxis, windows } from './padding.js';

export interface ConvTranspose2dOptions {
  /** [out], added to every output position. */
  readonly bias?: Tensor | undefined;
  /** Default 1. */
  readonly strides?: number | readonly [number, number];
  /** Of the convolution that this transposes: it makes the output smaller. Default 'valid'. */
  readonly padding?: Padding;
  /** Rows and columns added after the output, where several sizes fit; less than the stride. Default 0. */
  readonly outputPadding?: number | readonly [number, number];
  /** Distance of the filter's taps. Default 1. */
  readonly dilations?: number | readonly [number, number];
  /** Group g of the inputs adds to group g of the outputs alone. It divides both numbers of channels. Default 1. */
  readonly groups?: number;
}

/**
 * The transpose of conv2d(), also called deconvolution: each input pixel adds its multiple of the
 * filter to the output.
 *
 * x [N, H, W, C], filter [h, w, O, C] → [N, H', W', O] with
 * H' = (H − 1)·s − padding + (h − 1)·d + 1 + outputPadding, or H·s for padding 'same'.
 * With G `groups` the filter is [h, w, O/G, C].
 *
 * @throws ShapeError when channels differ or the padding leaves no output, ConfigError for groups that
 * do not divide the channels.
 */
export function convTranspose2d(
  x: Tensor,
  filter: Tensor,
  options: ConvTranspose2dOptions = {},
): Tensor {
  const op = 'convTranspose2d';
  const {
    bias,
    strides = 1,
    padding = 'valid',
    outputPadding = 0,
    dilations = 1,
    groups = 1,
  } = options;
  checkTensor(x, op);
  checkTensor(filter, op, 'filter');
  checkRank(x, 4, op, '[batch, height, width, channels]');
  checkRank(filter, 4, op, '[height, width, out channels, in channels]', 'filter');
  checkFloat(op, x, 'x');
  checkFloat(op, filter, 'filter');
  const [h, w, perGroup, channels] = filter.shape as [number, number, number, number];
  if (x.shape[3] !== channels) {
    throw new ShapeError(
      `${op}() takes as many channels as its filter has inputs. Received: x ${shapeText(x.shape)} with ${x.shape[3]} channels, ` +
        `filter ${shapeText(filter.shape)} for ${channels}. The filter is [height, width, out, in].`,
    );
  }
  const out = perGroup * groups;
  checkGroups(op, groups, channels, out);
  checkBias(op, bias, out);
  const steps = perAxis(strides, 2, `The strides of ${op}()`);
  const spacing = perAxis(dilations, 2, `The dilations of ${op}()`);
  const extra = perAxis(outputPadding, 2, `The outputPadding of ${op}()`, 0);
  const size = [h, w].map((k, i) => {
    const reach = (k - 1) * spacing[i]! + 1;
    return outputSize(x.shape[i + 1]!, reach, steps[i]!, extra[i]!, padding, i);
  });
  // The convolution that this transposes maps the output's size to the input's.
  const along = windows(op, size, [h, w], steps, spacing, padding);
  if (x.size === 0) {
    return run('Fill', {}, { shape: [x.shape[0], ...size, out], value: 0, dtype: 'float32' });
  }
  const window = { strides: steps, pad: padAttribute(padding, along) };
  const inputShape = [x.shape[0]!, ...size, out];
  if (groups > 1 || bias !== undefined || spacing.some((d) => d > 1)) {
    const attrs = { ...window, dilations: spacing, groups };
    return groupedConv2dInput(x, filter, inputShape, attrs, bias);
  }
  return run(
    'Conv2DBackpropInput',
    { dy: x, filter },
    { ...window, dataFormat: 'NHWC', dimRoundingMode: undefined, inputShape },
  );
}

function outputSize(
  input: number,
  reach: number,
  stride: number,
  extra: number,
  padding: Padding,
  axis: number,
): number {
  if (extra >= stride) {
    throw new ConfigError(
      `The outputPadding of convTranspose2d() is less than the stride. Received: ${extra} with stride ${stride}.`,
    );
  }
  if (padding === 'same') {
    if (extra > 0) {
      throw new ConfigError(
        `The output of convTranspose2d() with padding 'same' has size · stride. Received: outputPadding ${extra} besides. Leave it out.`,
      );
    }
    return input * stride;
  }
  const pair =
    typeof padding === 'number' ? [padding, padding] : padding === 'valid' ? [0, 0] : padding[axis];
  const size = (input - 1) * stride + reach + extra - (pair?.[0] ?? 0) - (pair?.[1] ?? 0);
  if (!(size >= 1)) {
    throw new ShapeError(
      `The padding of convTranspose2d() leaves an output. Received: size ${size} along spatial axis ${axis}. Use less padding.`,
    );
  }
  return size;
}
