import { ConfigError, ShapeError } from '../errors.js';
import { describe } from '../engine.js';
import { sameShape, shapeText, sizeOf } from '../ops/arguments.js';
import type { Shape, Tensor } from '../tensor.js';
import { checkNormalized, normalized, type NormalizeOptions } from './normalize.js';

/**
 * Normalizes each sample by the mean and variance of its own last axes:
 *
 *     y = γ·(x − μ)/√(v + ε) + β
 *
 * Ba, Kiros & Hinton, "Layer normalization" (2016). As `torch.nn.functional.layer_norm`; gradients of any order.
 *
 * @param x [..., ...normalizedShape], float32.
 * @param normalizedShape the sizes of the last axes, over which μ and v are taken; a number for the last one alone.
 * @param options.weight γ, of `normalizedShape`, default ones. `bias`: β, likewise, default zeros. `epsilon`: ε,
 * default 1e-5.
 * @returns the shape of x.
 * @throws ShapeError for other shapes or dtypes, ConfigError for an ε below 0 or a normalizedShape that is no shape.
 */
export function layerNorm(
  x: Tensor,
  normalizedShape: number | Shape,
  options: NormalizeOptions = {},
): Tensor {
  checkNormalized(x, 'layerNorm');
  const shape = typeof normalizedShape === 'number' ? [normalizedShape] : normalizedShape;
  if (!Array.isArray(shape) || shape.length === 0) {
    throw new ConfigError(
      `The normalizedShape of layerNorm() is a size or a list of at least one. Received: ${describe(normalizedShape)}.`,
    );
  }
  const at = x.shape.length - shape.length;
  if (at < 0 || !sameShape(x.shape.slice(at), shape)) {
    throw new ShapeError(
      `The last axes of x have the normalizedShape of layerNorm(). Expected: [..., ${shape.join(', ')}]. ` +
        `Received: shape ${shapeText(x.shape)}.`,
    );
  }
  const view = {
    batch: sizeOf(x.shape.slice(0, at)),
    positions: 1,
    groups: 1,
    channels: sizeOf(shape),
  };
  return normalized('layerNorm', x, view, shape, options);
}
