import {
  add,
  assign,
  ConfigError,
  describeValue,
  isFinite,
  mul,
  noGrad,
  Parameter,
  rsqrt,
  ShapeError,
  State,
  sub,
  type Tensor,
  tidy,
  where,
  ones,
  zeros,
} from '@stratajs/core';
import { type BatchStatistics, batchNormalize, batchStatistics } from './batch-normalize.js';
import { checkCount, checkImages, checkOptions } from './layer-arguments.js';
import { Module } from './module.js';

export interface BatchNorm2dOptions {
  /** Weight of the newest batch in the running statistics, in [0, 1]. Default 0.1. */
  readonly momentum?: number;
  /** Added to the variance. Default 1e-5. */
  readonly epsilon?: number;
}

/**
 * Normalizes each channel to mean 0 and variance 1, then scales and shifts it:
 * y = γ·(x − μ)/√(v + ε) + β.
 *
 * In training μ and v (biased) are the batch's, over N, H and W, and gradients flow through them; the running
 * statistics move by r ← r + momentum·(batch − r), with the unbiased variance, as in PyTorch. A batch
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
export class BatchNorm2d extends Module {
  readonly channels: number;
  readonly momentum: number;
  readonly epsilon: number;
  readonly weight: Parameter;
  readonly bias: Parameter;
  readonly runningMean: State;
  readonly runningVar: State;

  constructor(channels: number, options: BatchNorm2dOptions = {}) {
    super();
    checkCount('BatchNorm2d', 'channels', channels);
    checkOptions('BatchNorm2d', options, ['momentum', 'epsilon']);
    const { momentum = 0.1, epsilon = 1e-5 } = options;
    if (!(typeof momentum === 'number' && momentum >= 0 && momentum <= 1)) {
      throw new ConfigError(
        `The momentum of BatchNorm2d lies in [0, 1]. Received: ${describeValue(momentum)}.`,
      );
    }
    if (!(typeof epsilon === 'number' && epsilon > 0 && epsilon < Infinity)) {
      throw new ConfigError(
        `The epsilon of BatchNorm2d is a positive number. Received: ${describeValue(epsilon)}.`,
      );
    }
    this.channels = channels;
    this.momentum = momentum;
    this.epsilon = epsilon;
    const vector = (value: Tensor, externalName: string): Parameter =>
      new Parameter(value, { layout: 'vector', externalName });
    const { weight, bias, runningMean, runningVar } = tidy(() => ({
      weight: vector(ones([channels]), 'weight'),
      bias: vector(zeros([channels]), 'bias'),
      runningMean: new State(zeros([channels])),
      runningVar: new State(ones([channels])),
    }));
    this.weight = weight;
    this.bias = bias;
    this.runningMean = runningMean;
    this.runningVar = runningVar;
  }

  forward(x: Tensor): Tensor {
    checkImages(x, 'BatchNorm2d', this.channels);
    if (!this.training) {
      const scale = mul(this.weight.value, rsqrt(add(this.runningVar.value, this.epsilon)));
      return add(mul(x, scale), sub(this.bias.value, mul(this.runningMean.value, scale)));
    }
    const count = x.size / this.channels;
    if (count < 2) {
      throw new ShapeError(
        'BatchNorm2d in training expects at least two values per channel, for a variance. ' +
          `Received: shape [${x.shape.join(', ')}]. Use a larger batch, or eval().`,
      );
    }
    const statistics = batchStatistics(x);
    noGrad(() => this.updateRunning(statistics, count));
    return batchNormalize(x, this.weight.value, this.bias.value, statistics, this.epsilon);
  }

  private updateRunning({ mean, variance }: BatchStatistics, count: number): void {
    const unbiased = mul(variance, count / (count - 1));
    for (const [state, batch] of [
      [this.runningMean, mean],
      [this.runningVar, unbiased],
    ] as const) {
      const before = state.value;
      const moved = add(before, mul(sub(batch, before), this.momentum));
      assign(state, where(isFinite(moved), moved, before));
    }
  }
}
