import { mul, relu, sub, type Tensor, tidy } from '@stratajs/core';
import { checkPair } from './loss-arguments.js';
import { checkLossOptions, type LossOptions, reduce } from './reduction.js';

/**
 * The loss of a support-vector machine: ℓ = max(0, 1 − t·s) for scores s and targets t of −1 or +1.
 *
 * Shapes: scores and targets of one shape → a scalar, or the same shape without reduction.
 *
 * @throws ShapeError when shapes differ (nothing is broadcast), and for the mean of nothing.
 *
 * Paper: Cortes & Vapnik, "Support-vector networks", Machine Learning 20 (1995).
 */
export function hinge(scores: Tensor, targets: Tensor, options: LossOptions = {}): Tensor {
  const reduction = checkLossOptions('hinge', options);
  checkPair('hinge', scores, targets);
  return tidy(() => reduce(relu(sub(1, mul(targets, scores))), reduction, 'hinge'));
}
