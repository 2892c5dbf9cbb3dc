import {
  add,
  averageUpdate,
  batchNorm,
  ConfigError,
  describeValue,
  mul,
  type Parameter,
  rsqrt,
  ShapeError,
  State,
  sub,
  type Tensor,
  tidy,
  ones,
  zeros,
} from '@stratajs/core';
import { affineParameters } from './affine-parameters.js';
import { checkCount, checkEpsilon, checkOptions } from './layer-arguments.js';
import { Module } from './module.js';

export interface BatchNormOptions {
  /** Weight of the newest batch in the running statistics, in [0, 1]. Default 0.1. */
  readonly momentum?: number;
  /** Added to the variance. Default 1e-5. */
  readonly epsilon?: number;
}

/** What BatchNorm1d and BatchNorm2d share: everything but the shape of their inputs, channels last. */
export abstract class BatchNorm extends Module {
  readonly channels: number;
  readonly momentum: number;
  readonly epsilon: number;
  readonly weight: Parameter;
  readonly bias: Parameter;
  readonly runningMean: State;
  readonly runningVar: State;

  constructor(layer: string, channels: number, options: BatchNormOptions) {
    super();
    checkCount(layer, 'channels', channels);
    checkOptions(layer, options, ['momentum', 'epsilon']);
    const { momentum = 0.1, epsilon = 1e-5 } = options;
    if (!(typeof momentum === 'number' && momentum >= 0 && momentum <= 1)) {
      throw new ConfigError(
        `The momentum of ${layer} lies in [0, 1]. Received: ${describeValue(momentum)}.`,
      );
    }
    checkEpsilon(layer, epsilon);
    this.channels = channels;
    this.momentum = momentum;
    this.epsilon = epsilon;
    const { weight, bias } = affineParameters([channels]);
    this.weight = weight;
    this.bias = bias;
    const { runningMean, runningVar } = tidy(() => ({
      runningMean: new State(zeros([channels])),
      runningVar: new State(ones([channels])),
    }));
    this.runningMean = runningMean;
    this.runningVar = runningVar;
  }

  /** Throws unless x has the shape that this layer takes. */
  protected abstract checkInput(x: Tensor): void;

  forward(x: Tensor): Tensor {
    this.checkInput(x);
    const { weight, bias, epsilon } = this;
    if (!this.training) {
      const scale = mul(weight.value, rsqrt(add(this.runningVar.value, epsilon)));
      return add(mul(x, scale), sub(bias.value, mul(this.runningMean.value, scale)));
    }
    const count = x.size / this.channels;
    if (count < 2) {
      throw new ShapeError(
        `${this.constructor.name} in training expects at least two values per channel, for a variance. ` +
          `Received: shape [${x.shape.join(', ')}]. Use a larger batch, or eval().`,
      );
    }
    const { y, mean, variance } = batchNorm(x, { weight: weight.value, bias: bias.value, epsilon });
    this.updateRunning(mean, variance, count);
    return y;
  }

  private updateRunning(mean: Tensor, variance: Tensor, count: number): void {
    averageUpdate({
      averages: [this.runningMean, this.runningVar],
      values: [mean, variance],
      weight: this.momentum,
      // The batch's variance is the biased one; what runs on is the unbiased.
      scales: [1, count / (count - 1)],
    });
  }
}
