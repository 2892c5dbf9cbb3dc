import type { Tensor } from '@stratajs/core';
import { BatchNorm, type BatchNormOptions } from './batch-norm.js';
import { checkImages } from './layer-arguments.js';

export type BatchNorm2dOptions = BatchNormOptions;

/**
 * Normalizes each channel to mean 0 and variance 1, then scales and shifts it:
 * y = γ·(x − μ)/√(v + ε) + β.
 *
 * In training μ and v (biased) are the batch's, over N, H and W, and gradients flow through them, to any order; the
 * running statistics move by r ← r + momentum·(batch − r), with the unbiased variance, as in PyTorch. A batch
 * whose statistics are not finite leaves them as they are. In evaluation μ and v are the running statistics.
 *
 * Shapes: x [N, H, W, channels] → the same; `weight` (γ, from 1), `bias` (β, from 0), `runningMean` (from 0),
 * `runningVar` (from 1) [channels].
 *
 * @throws ConfigError for options out of range or unknown.
 * @throws ShapeError when x is not of rank 4 with `channels` channels, or holds one value per channel in training.
 *
 * Paper: Ioffe & Szegedy, "Batch normalization", ICML 2015.
 * Differs from the paper: running averages, where it computes the statistics of evaluation after training.
 */
export class BatchNorm2d extends BatchNorm {
  constructor(channels: number, options: BatchNorm2dOptions = {}) {
    super('BatchNorm2d', channels, options);
  }

  protected override checkInput(x: Tensor): void {
    checkImages(x, 'BatchNorm2d', this.channels);
  }
}
