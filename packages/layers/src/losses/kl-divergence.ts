import {
  greater,
  log,
  maximum,
  mul,
  ShapeError,
  sub,
  sum,
  type Tensor,
  tidy,
  where,
} from '@stratajs/core';
import { checkPair } from './loss-arguments.js';
import { checkLossOptions, type LossOptions, reduce } from './reduction.js';

/**
 * Kullback-Leibler divergence of the predicted distribution q from the target p, one distribution
 * along the last axis: ℓ = Σ_c p_c·(log p_c − log q_c), where p_c = 0 adds 0.
 *
 * Shapes: logProbabilities (log q) and probabilities (p) [..., C] → a scalar, or [...] without reduction.
 * Differs from torch's kl_div in that 'mean' is over distributions (its 'batchmean'), not over elements.
 *
 * @throws ShapeError when shapes differ (nothing is broadcast), and for the mean of nothing.
 *
 * Paper: Kullback & Leibler, "On information and sufficiency", Annals of Mathematical Statistics 22 (1951).
 */
export function klDivergence(
  logProbabilities: Tensor,
  probabilities: Tensor,
  options: LossOptions = {},
): Tensor {
  const reduction = checkLossOptions('klDivergence', options);
  checkPair('klDivergence', logProbabilities, probabilities);
  if (logProbabilities.shape.length === 0) {
    throw new ShapeError(
      'klDivergence() expects distributions along the last axis, [..., C]. Received: scalars.',
    );
  }
  return tidy(() => {
    // The smallest normal float32 in place of 0: 0·log stays 0 instead of NaN.
    const logTarget = log(maximum(probabilities, 1.17549435e-38));
    const terms = mul(probabilities, sub(logTarget, logProbabilities));
    // 0·(log 0 − log 0) adds 0 as well.
    const counted = where(greater(probabilities, 0), terms, 0);
    return reduce(sum(counted, { axis: -1 }), reduction, 'klDivergence');
  });
}
