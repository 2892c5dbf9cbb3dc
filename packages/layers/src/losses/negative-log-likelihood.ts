import { cast, div, neg, oneHot, sum, type Tensor, tidy, where } from '@stratajs/core';
import { checkLabelled } from './loss-arguments.js';
import { checkLossOptions, type LossOptions, reduce } from './reduction.js';

/**
 * Of log-probabilities, minus that of the label: ℓ_n = −log p_n[label_n]. After a `logSoftmax` it is
 * `crossEntropy`, which is faster.
 *
 * Shapes: logProbabilities [N, C], labels int32 [N] in [0, C) → a scalar, or [N] without reduction. A
 * label outside [0, C) gives NaN, so that it cannot pass unseen.
 *
 * @throws ShapeError for other shapes or dtypes, and for the mean of an empty batch.
 */
export function negativeLogLikelihood(
  logProbabilities: Tensor,
  labels: Tensor,
  options: LossOptions = {},
): Tensor {
  const reduction = checkLossOptions('negativeLogLikelihood', options);
  checkLabelled('negativeLogLikelihood', logProbabilities, labels);
  return tidy(() => {
    const chosen = oneHot(labels, logProbabilities.shape[1]!); // [N, C]
    // Not a product: −∞ of a class that is not the label would make it NaN.
    const picked = sum(where(cast(chosen, 'bool'), logProbabilities, 0), { axis: 1 }); // [N]
    const known = sum(chosen, { axis: 1 }); // 1, or 0 for a label outside [0, C)
    return reduce(neg(div(picked, known)), reduction, 'negativeLogLikelihood');
  });
}
