import { ConfigError, describeValue, softmaxCrossEntropy, type Tensor, tidy } from '@stratajs/core';
import { checkLabelled } from './loss-arguments.js';
import { checkLossOptions, type LossOptions, reduce } from './reduction.js';

export interface CrossEntropyOptions extends LossOptions {
  /** Part s of the target that is spread evenly over all C classes (Szegedy et al., 2016). Default 0. */
  readonly labelSmoothing?: number;
}

/**
 * Cross-entropy of a softmax, from its scores: ℓ = −Σ_c t_c · log softmax(logits)_c, with
 * t = (1 − s)·[c = label] + s/C. One kernel, which never forms the probabilities: scores of any size are safe.
 *
 * Shapes: logits [N, C], labels int32 [N] in [0, C) → a scalar, or [N] without reduction.
 *
 * @throws ShapeError for other shapes or dtypes, and for the mean of an empty batch.
 * @throws ConfigError when labelSmoothing lies outside [0, 1].
 */
export function crossEntropy(
  logits: Tensor,
  labels: Tensor,
  options: CrossEntropyOptions = {},
): Tensor {
  const reduction = checkLossOptions('crossEntropy', options, ['labelSmoothing']);
  const { labelSmoothing = 0 } = options;
  if (!(typeof labelSmoothing === 'number' && labelSmoothing >= 0 && labelSmoothing <= 1)) {
    throw new ConfigError(
      `The labelSmoothing of crossEntropy() lies in [0, 1]. Received: ${describeValue(labelSmoothing)}.`,
    );
  }
  checkLabelled('crossEntropy', logits, labels);
  return tidy(() =>
    reduce(softmaxCrossEntropy(logits, labels, { labelSmoothing }), reduction, 'crossEntropy'),
  );
}
