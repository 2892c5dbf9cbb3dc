import { ShapeError } from '../errors.js';
import { shapeText, sizeOf } from '../ops/arguments.js';
import type { Tensor } from '../tensor.js';
import { checkNormalized, normalize, type NormalizeOptions } from './normalize.js';

export interface BatchNormResult {
  readonly y: Tensor;
  /** μ of each channel, [C]. */
  readonly mean: Tensor;
  /** v of each channel, [C]: biased, the sum of squares over the number of values. */
  readonly variance: Tensor;
}

/**
 * Normalizes each channel by its own mean and variance over all other axes, as in training:
 *
 *     y = γ·(x − μ)/√(v + ε) + β
 *
 * Gradients flow through μ and v, and from them, to any order. Ioffe & Szegedy, "Batch normalization" (ICML 2015).
 *
 * @param x [..., C], float32, of at least one value per channel.
 * @param options.weight γ [C], default ones. `bias`: β [C], default zeros. `epsilon`: ε, default 1e-5.
 * @throws ShapeError for other shapes or dtypes, ConfigError for an ε below 0.
 */
export function batchNorm(x: Tensor, options: NormalizeOptions = {}): BatchNormResult {
  checkNormalized(x, 'batchNorm');
  if (x.shape.length < 2) {
    throw new ShapeError(
      `batchNorm() takes at least two axes, channels last. Received: shape ${shapeText(x.shape)}. reshape() it first.`,
    );
  }
  const groups = x.shape.at(-1)!;
  const positions = sizeOf(x.shape.slice(0, -1));
  const view = { batch: 1, positions, groups, channels: 1 };
  const [y, mean, variance] = normalize('batchNorm', x, view, [groups], options);
  return { y, mean, variance };
}
