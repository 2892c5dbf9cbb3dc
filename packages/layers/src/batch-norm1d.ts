import { ShapeError, type Tensor } from '@stratajs/core';
import { BatchNorm, type BatchNormOptions } from './batch-norm.js';
import { checkFeatures } from './layer-arguments.js';

export type BatchNorm1dOptions = BatchNormOptions;

/**
 * Normalizes each channel to mean 0 and variance 1, then scales and shifts it:
 * y = γ·(x − μ)/√(v + ε) + β.
 *
 * In training μ and v (biased) are the batch's, over N, and L where there is one, and gradients flow through them, to any order; the
 * running statistics move by r ← r + momentum·(batch − r), with the unbiased variance, as in PyTorch. A batch
 * whose statistics are not finite leaves them as they are. In evaluation μ and v are the running statistics.
 *
 * Shapes: x [N, channels] or [N, L, channels] → the same; `weight` (γ, from 1), `bias` (β, from 0), `runningMean` (from 0),
 * `runningVar` (from 1) [channels].
 *
 * @throws ConfigError for options out of range or unknown.
 * @throws ShapeError when x is not of rank 2 or 3 with `channels` channels, or holds one value per channel in training.
 *
 * Paper: Ioffe & Szegedy, "Batch normalization", ICML 2015.
 * Differs from the paper: running averages, where it computes the statistics of evaluation after training.
 */
export class BatchNorm1d extends BatchNorm {
  constructor(channels: number, options: BatchNorm1dOptions = {}) {
    super('BatchNorm1d', channels, options);
  }

  protected override checkInput(x: Tensor): void {
    checkFeatures(x, 'BatchNorm1d', this.channels);
    if (x.shape.length === 2 || x.shape.length === 3) return;
    throw new ShapeError(
      `BatchNorm1d expects inputs [N, ${this.channels}] or [N, length, ${this.channels}]. ` +
        `Received: shape [${x.shape.join(', ')}]. ` +
        (x.shape.length === 4 ? 'Use BatchNorm2d for images.' : 'Reshape the input.'),
    );
  }
}
