import {
  ConfigError,
  describeValue,
  mean,
  nearest,
  ShapeError,
  sum,
  type Tensor,
} from '@stratajs/core';
import { checkOptions } from '../layer-arguments.js';

/** What becomes of the losses of single examples: their mean, their sum, or themselves. */
export type Reduction = 'mean' | 'sum' | 'none';

export interface LossOptions {
  /** Default 'mean'. */
  readonly reduction?: Reduction;
}

const REDUCTIONS = ['mean', 'sum', 'none'];

/** Throws unless `options` holds only known names and a known reduction. */
export function checkLossOptions(
  loss: string,
  options: object,
  others: readonly string[] = [],
): Reduction {
  checkOptions(`${loss}()`, options, ['reduction', ...others]);
  const { reduction = 'mean' } = options as LossOptions;
  if (!REDUCTIONS.includes(reduction)) {
    throw new ConfigError(
      `The reduction of ${loss}() is 'mean', 'sum' or 'none'. Received: ${describeValue(reduction)}.` +
        nearest(String(reduction), REDUCTIONS),
    );
  }
  return reduction;
}

/** @throws ShapeError when a mean is asked of nothing. */
export function reduce(losses: Tensor, reduction: Reduction, loss: string): Tensor {
  if (reduction === 'none') return losses;
  if (reduction === 'sum') return sum(losses);
  if (losses.size === 0) {
    throw new ShapeError(
      `The mean of ${loss}() needs at least one example. Received: an empty batch. Leave it out, or use reduction 'sum'.`,
    );
  }
  return mean(losses);
}
