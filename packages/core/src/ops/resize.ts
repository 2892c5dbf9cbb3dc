/** Images in another size. */
import { run } from '../engine.js';
import { ConfigError, ShapeError } from '../errors.js';
import type { Tensor } from '../tensor.js';
import { checkRank, checkTensor, shapeText } from './arguments.js';
import { checkFloat } from './conv2d.js';
import { perAxis } from './padding.js';

export interface ResizeOptions {
  /** Map the centres of the corner pixels onto each other. Default false. */
  readonly alignCorners?: boolean;
  /** Take pixels as squares and compare their centres. */
  readonly halfPixelCenters?: boolean;
}

/**
 * Linear interpolation between the four nearest pixels: x [N, H, W, C] → [N, height, width, C].
 *
 * Default: half-pixel centres, as PyTorch's interpolate(mode='bilinear') and TensorFlow 2.
 */
export function resizeBilinear(
  x: Tensor,
  size: readonly [height: number, width: number],
  { alignCorners = false, halfPixelCenters = !alignCorners }: ResizeOptions = {},
): Tensor {
  return resize('ResizeBilinear', 'resizeBilinear', x, size, { alignCorners, halfPixelCenters });
}

/**
 * The nearest pixel: x [N, H, W, C] → [N, height, width, C].
 *
 * Default: y[i] = x[⌊i·H/height⌋], as PyTorch's interpolate(mode='nearest'); with halfPixelCenters,
 * 'nearest-exact'.
 */
export function resizeNearestNeighbor(
  x: Tensor,
  size: readonly [height: number, width: number],
  { alignCorners = false, halfPixelCenters = false }: ResizeOptions = {},
): Tensor {
  return resize('ResizeNearestNeighbor', 'resizeNearestNeighbor', x, size, {
    alignCorners,
    halfPixelCenters,
  });
}

function resize(
  kernel: string,
  op: string,
  images: Tensor,
  size: readonly [number, number],
  options: Required<ResizeOptions>,
): Tensor {
  checkTensor(images, op);
  checkRank(images, 4, op, '[batch, height, width, channels]');
  checkFloat(op, images, 'x');
  const [height, width] = perAxis(size, 2, `The size of ${op}()`) as [number, number];
  if (options.alignCorners && options.halfPixelCenters) {
    throw new ConfigError(
      `${op}() takes alignCorners or halfPixelCenters. Received: both. Leave one out.`,
    );
  }
  const [n, h, w, c] = images.shape as [number, number, number, number];
  if (n * c === 0)
    return run('Fill', {}, { shape: [n, height, width, c], value: 0, dtype: 'float32' });
  if (h * w === 0) {
    throw new ShapeError(`${op}() needs pixels. Received: shape ${shapeText(images.shape)}.`);
  }
  return run(kernel, { images }, { ...options, size: [height, width] });
}
