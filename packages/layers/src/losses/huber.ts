import { clip, ConfigError, describeValue, mul, sub, type Tensor, tidy } from '@stratajs/core';
import { checkPair } from './loss-arguments.js';
import { checkLossOptions, type LossOptions, reduce } from './reduction.js';

export interface HuberOptions extends LossOptions {
  /** Where the square becomes a line. Default 1. */
  readonly delta?: number;
}

/**
 * Squared error of small differences, absolute error of large ones: with d = prediction − target,
 * ℓ = d²/2 where |d| ≤ δ, else δ·(|d| − δ/2).
 *
 * Shapes: two tensors of one shape → a scalar, or the same shape without reduction.
 *
 * @throws ShapeError when shapes differ (nothing is broadcast), and for the mean of nothing.
 * @throws ConfigError unless delta > 0.
 *
 * Paper: Huber, "Robust estimation of a location parameter", Annals of Mathematical Statistics 35 (1964).
 */
export function huber(prediction: Tensor, target: Tensor, options: HuberOptions = {}): Tensor {
  const reduction = checkLossOptions('huber', options, ['delta']);
  const { delta = 1 } = options;
  if (!(typeof delta === 'number' && delta > 0 && delta < Infinity)) {
    throw new ConfigError(
      `The delta of huber() is a positive number. Received: ${describeValue(delta)}.`,
    );
  }
  checkPair('huber', prediction, target);
  return tidy(() => {
    const d = sub(prediction, target);
    const c = clip(d, -delta, delta);
    // c·(d − c/2): d²/2 where nothing was clipped, δ·|d| − δ²/2 where it was.
    return reduce(mul(c, sub(d, mul(c, 0.5))), reduction, 'huber');
  });
}
