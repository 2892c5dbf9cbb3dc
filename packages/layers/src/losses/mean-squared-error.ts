import { squaredDifference, type Tensor, tidy } from '@stratajs/core';
import { checkPair } from './loss-arguments.js';
import { checkLossOptions, type LossOptions, reduce } from './reduction.js';

/**
 * ℓ = (prediction − target)², element by element.
 *
 * Shapes: two tensors of one shape → a scalar, or the same shape without reduction.
 *
 * @throws ShapeError when shapes differ (nothing is broadcast), and for the mean of nothing.
 */
export function meanSquaredError(
  prediction: Tensor,
  target: Tensor,
  options: LossOptions = {},
): Tensor {
  const reduction = checkLossOptions('meanSquaredError', options);
  checkPair('meanSquaredError', prediction, target);
  return tidy(() => reduce(squaredDifference(prediction, target), reduction, 'meanSquaredError'));
}
