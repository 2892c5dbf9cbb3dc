import { abs, sub, type Tensor, tidy } from '@stratajs/core';
import { checkPair } from './loss-arguments.js';
import { checkLossOptions, type LossOptions, reduce } from './reduction.js';

/**
 * ℓ = |prediction − target|, element by element. Where they are equal its gradient is 0.
 *
 * Shapes: two tensors of one shape → a scalar, or the same shape without reduction.
 *
 * @throws ShapeError when shapes differ (nothing is broadcast), and for the mean of nothing.
 */
export function meanAbsoluteError(
  prediction: Tensor,
  target: Tensor,
  options: LossOptions = {},
): Tensor {
  const reduction = checkLossOptions('meanAbsoluteError', options);
  checkPair('meanAbsoluteError', prediction, target);
  return tidy(() => reduce(abs(sub(prediction, target)), reduction, 'meanAbsoluteError'));
}
