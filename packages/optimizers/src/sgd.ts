import {
  ConfigError,
  type NamedGradients,
  type Parameter,
  Scalar,
  scalarValue,
  sgdUpdate,
  type State,
} from '@stratajs/core';
import { matchGradients } from './match-gradients.js';
import { checkOptions, checkSetting, namedParameters } from './optimizer-arguments.js';
import { checkState } from './optimizer-state.js';
import type { Optimizer, OptimizerState, Parameters, StepOptions } from './optimizer.js';
import { Slots } from './slots.js';

export interface SGDOptions {
  /** At least 0. A Scalar is used as it is. */
  readonly learningRate: number | Scalar;
  /** In [0, 1). Default 0. */
  readonly momentum?: number;
  /** Whether the step looks ahead along the velocity; needs momentum. Default false. */
  readonly nesterov?: boolean;
  /** L2 penalty λ, added to the gradient as λ·p. Default 0. */
  readonly weightDecay?: number;
}

/**
 * Stochastic gradient descent, with momentum μ and weight decay λ:
 *
 *     d = g + λ·p
 *     v ← μ·v + d;  d = nesterov ? d + μ·v : v      (with momentum)
 *     p ← p − learningRate·d
 *
 * All parameters in one kernel. As `torch.optim.SGD` without dampening.
 *
 * @throws ConfigError for settings out of range, unknown options, or a model without parameters.
 *
 * Papers: Robbins & Monro 1951; Polyak 1964 (momentum); Nesterov 1983, in the form of Sutskever et al., ICML 2013.
 * Differs from Polyak: the learning rate multiplies the velocity, not the gradient, as in PyTorch.
 */
export class SGD implements Optimizer {
  readonly learningRate: Scalar;
  readonly momentum: number;
  readonly nesterov: boolean;
  readonly weightDecay: number;
  private readonly named: Map<string, Parameter>;
  private readonly velocities: Slots | null;

  constructor(model: Parameters, options: SGDOptions) {
    checkOptions('SGD', options, ['learningRate', 'momentum', 'nesterov', 'weightDecay']);
    const { learningRate, momentum = 0, nesterov = false, weightDecay = 0 } = options;
    checkSetting('SGD', 'learningRate', learningRate, 0);
    checkSetting('SGD', 'momentum', momentum, 0, 1);
    checkSetting('SGD', 'weightDecay', weightDecay, 0);
    if (nesterov && momentum === 0) {
      throw new ConfigError(
        'The nesterov of SGD needs momentum. Received: momentum 0. Give one, for example 0.9.',
      );
    }
    this.learningRate = learningRate instanceof Scalar ? learningRate : new Scalar(learningRate);
    this.momentum = momentum;
    this.nesterov = nesterov;
    this.weightDecay = weightDecay;
    this.named = namedParameters('SGD', model);
    this.velocities = momentum === 0 ? null : new Slots('momentum', this.named);
  }

  step(grads: NamedGradients, { gate }: StepOptions = {}): void {
    const { names, parameters, gradients } = matchGradients('SGD', this.named, grads);
    if (parameters.length === 0) return;
    const { learningRate, momentum, nesterov, weightDecay } = this;
    const velocities = this.velocities?.of(names);
    sgdUpdate({
      parameters,
      gradients,
      velocities,
      learningRate,
      momentum,
      nesterov,
      weightDecay,
      gate,
    });
  }

  *namedStates(): IterableIterator<[string, State]> {
    if (this.velocities) yield* this.velocities.namedStates();
  }

  state(): OptimizerState {
    const { momentum, nesterov, weightDecay } = this;
    return {
      type: 'SGD',
      learningRate: scalarValue(this.learningRate),
      momentum,
      nesterov,
      weightDecay,
    };
  }

  restore(state: OptimizerState): void {
    checkState(this.state(), state);
    this.learningRate.value = state.learningRate;
  }

  dispose(): void {
    this.velocities?.dispose();
  }
}
