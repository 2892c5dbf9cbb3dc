import { describe } from '../engine.js';
import { ConfigError, ShapeError } from '../errors.js';
import { shapeText, sizeOf } from '../ops/arguments.js';
import type { Tensor } from '../tensor.js';
import { checkNormalized, normalized, type NormalizeOptions } from './normalize.js';

/**
 * Normalizes each sample by the mean and variance of groups of neighbouring channels, over all axes between:
 *
 *     y = γ·(x − μ)/√(v + ε) + β
 *
 * Wu & He, "Group normalization" (ECCV 2018). One group per channel is instance normalization (Ulyanov et al.,
 * 2016). As `torch.nn.functional.group_norm`, with channels last; gradients of any order.
 *
 * @param x [N, ..., C], float32.
 * @param groups divides C.
 * @param options.weight γ [C], default ones. `bias`: β [C], default zeros. `epsilon`: ε, default 1e-5.
 * @returns the shape of x.
 * @throws ShapeError for other shapes or dtypes, ConfigError for an ε below 0 or groups that do not divide C.
 */
export function groupNorm(x: Tensor, groups: number, options: NormalizeOptions = {}): Tensor {
  checkNormalized(x, 'groupNorm');
  if (x.shape.length < 2) {
    throw new ShapeError(
      `groupNorm() takes at least two axes, batch first and channels last. Received: shape ${shapeText(x.shape)}. ` +
        'expandDims() it first.',
    );
  }
  const columns = x.shape.at(-1)!;
  if (!Number.isInteger(groups) || groups < 1 || columns % groups !== 0) {
    throw new ConfigError(
      `The groups of groupNorm() divide the channels of x, ${columns}. Received: ${describe(groups)}.`,
    );
  }
  const view = {
    batch: x.shape[0]!,
    positions: sizeOf(x.shape.slice(1, -1)),
    groups,
    channels: columns / groups,
  };
  return normalized('groupNorm', x, view, [columns], options);
}
