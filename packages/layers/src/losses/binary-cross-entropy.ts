import { add, mul, neg, softplus, sub, type Tensor, tidy } from '@stratajs/core';
import { checkPair } from './loss-arguments.js';
import { checkLossOptions, type LossOptions, reduce } from './reduction.js';

/**
 * Cross-entropy of a sigmoid, from its score: ℓ = −t·log σ(x) − (1 − t)·log(1 − σ(x)), computed as
 * t·softplus(−x) + (1 − t)·softplus(x), which scores of any size neither overflow nor round to 0.
 *
 * Shapes: logits and targets (in [0, 1]) of one shape → a scalar, or the same shape without reduction.
 *
 * @throws ShapeError when shapes differ (nothing is broadcast), and for the mean of nothing.
 */
export function binaryCrossEntropy(
  logits: Tensor,
  targets: Tensor,
  options: LossOptions = {},
): Tensor {
  const reduction = checkLossOptions('binaryCrossEntropy', options);
  checkPair('binaryCrossEntropy', logits, targets);
  return tidy(() => {
    const positive = mul(targets, softplus(neg(logits)));
    const negative = mul(sub(1, targets), softplus(logits));
    return reduce(add(positive, negative), reduction, 'binaryCrossEntropy');
  });
}
