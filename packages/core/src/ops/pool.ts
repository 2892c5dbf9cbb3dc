/** Pooling over windows of images. */
import { run } from '../engine.js';
import { ShapeError } from '../errors.js';
import type { Tensor } from '../tensor.js';
import { checkRank, checkTensor } from './arguments.js';
import { checkFloat } from './conv2d.js';
import { padAttribute, type Padding, perAxis, windows } from './padding.js';

export interface Pool2dOptions {
  /** Height and width of the window. */
  readonly kernelSize: number | readonly [number, number];
  /** Default: the window's size. */
  readonly strides?: number | readonly [number, number];
  /** Default 'valid'. */
  readonly padding?: Padding;
}

/** The largest value of each window: x [N, H, W, C] → [N, H', W', C]. What is padded never wins. */
export function maxPool2d(x: Tensor, options: Pool2dOptions): Tensor {
  return pool('MaxPool', 'maxPool2d', x, options);
}

/**
 * The mean of each window: x [N, H, W, C] → [N, H', W', C]. What is padded does not count
 * (PyTorch's count_include_pad = false).
 */
export function avgPool2d(x: Tensor, options: Pool2dOptions): Tensor {
  return pool('AvgPool', 'avgPool2d', x, options);
}

function pool(kernel: string, op: string, x: Tensor, options: Pool2dOptions): Tensor {
  checkTensor(x, op);
  checkRank(x, 4, op, '[batch, height, width, channels]');
  checkFloat(op, x, 'x');
  const size = perAxis(options.kernelSize, 2, `The kernelSize of ${op}()`);
  const padding = options.padding ?? 'valid';
  const along = windows(
    op,
    x.shape.slice(1, 3),
    size,
    perAxis(options.strides ?? size, 2, `The strides of ${op}()`),
    [1, 1],
    padding,
  );
  const empty = along.find((w) => w.before >= w.kernel || w.after >= w.kernel);
  if (empty) {
    throw new ShapeError(
      `The padding of ${op}() is less than its window, which would else hold nothing. ` +
        `Received: padding [${empty.before}, ${empty.after}], window ${empty.kernel}.`,
    );
  }
  if (x.size === 0) {
    return run(
      'Fill',
      {},
      {
        shape: [x.shape[0], ...along.map((w) => w.output), x.shape[3]],
        value: 0,
        dtype: 'float32',
      },
    );
  }
  return run(
    kernel,
    { x },
    {
      filterSize: size,
      strides: along.map((w) => w.stride),
      pad: padAttribute(padding, along),
      dimRoundingMode: undefined,
    },
  );
}
