/** Pooling over windows of images. */
import { run, runMany } from '../engine.js';
import { ShapeError } from '../errors.js';
import type { Shape, Tensor } from '../tensor.js';
import { checkRank, checkTensor, sizeOf } from './arguments.js';
import { checkFloat } from './conv2d.js';
import { scatterNd } from './gather.js';
import { padAttribute, type Padding, perAxis, type Window, windows } from './padding.js';
import { reshape } from './shape.js';

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

/** The maxima of windows, and where they lie. */
export interface PooledMaxima {
  readonly values: Tensor;
  /** int32, in the shape of the values: positions in x, its elements counted in row-major order. */
  readonly indices: Tensor;
}

/**
 * `maxPool2d()`, and where each maximum lies, the first of equal ones: x [N, H, W, C] → values and indices
 * [N, H', W', C]. gatherNd(flatten(x), expandDims(indices, -1)) are the values again.
 *
 * Differs from PyTorch, whose indices count within one channel of one image.
 */
export function maxPool2dWithIndices(x: Tensor, options: Pool2dOptions): PooledMaxima {
  const { size, along, padding } = windowsOf('maxPool2dWithIndices', x, options);
  if (x.size === 0) {
    const shape = outputShape(x, along);
    return { values: zeros(shape, 'float32'), indices: zeros(shape, 'int32') };
  }
  const attrs = {
    filterSize: size,
    strides: along.map((w) => w.stride),
    pad: padAttribute(padding, along),
    includeBatchInIndex: true,
  };
  const [values, indices] = runMany('MaxPoolWithArgmax', { x }, attrs) as [Tensor, Tensor];
  return { values, indices };
}

/** The gradient of maxima in x of `shape`: each dy added at its index. */
export function scatterMaxima(dy: Tensor, indices: Tensor, shape: Shape): Tensor {
  const places = reshape(indices, [indices.size, 1]);
  const flat = scatterNd(places, reshape(dy, [dy.size]), [sizeOf(shape)]);
  return reshape(flat, shape);
}

function pool(kernel: string, op: string, x: Tensor, options: Pool2dOptions): Tensor {
  const { size, along, padding } = windowsOf(op, x, options);
  if (x.size === 0) return zeros(outputShape(x, along), 'float32');
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

function zeros(shape: number[], dtype: 'float32' | 'int32'): Tensor {
  return run('Fill', {}, { shape, value: 0, dtype });
}

function outputShape(x: Tensor, along: readonly Window[]): number[] {
  return [x.shape[0]!, ...along.map((w) => w.output), x.shape[3]!];
}

function windowsOf(
  op: string,
  x: Tensor,
  options: Pool2dOptions,
): { size: number[]; along: Window[]; padding: Padding } {
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
  return { size, along, padding };
}
