import {
  adamUpdate,
  type NamedGradients,
  type Parameter,
  Scalar,
  scalar,
  scalarValue,
  State,
  tidy,
} from '@stratajs/core';
import { matchGradients } from './match-gradients.js';
import { checkOptions, checkSetting, namedParameters } from './optimizer-arguments.js';
import { checkState } from './optimizer-state.js';
import type { Optimizer, OptimizerState, Parameters, StepOptions } from './optimizer.js';
import { Slots } from './slots.js';

export interface AdamOptions {
  /** At least 0. Default 1e-3. A Scalar is used as it is. */
  readonly learningRate?: number | Scalar;
  /** Decay of the mean of gradients, in [0, 1). Default 0.9. */
  readonly beta1?: number;
  /** Decay of the mean of squares, in [0, 1). Default 0.999. */
  readonly beta2?: number;
  /** Added to √v̂. Default 1e-8. */
  readonly epsilon?: number;
  /** L2 penalty λ, added to the gradient as λ·p; of AdamW, decay of the parameter itself. Default 0 (AdamW: 0.01). */
  readonly weightDecay?: number;
}

/**
 * Adam: steps of about the learning rate, whatever the scale of the gradients. At step t:
 *
 *     g ← g + λ·p
 *     m ← β₁·m + (1 − β₁)·g;   v ← β₂·v + (1 − β₂)·g²
 *     p ← p − learningRate · m̂ / (√v̂ + ε),   m̂ = m/(1 − β₁ᵗ), v̂ = v/(1 − β₂ᵗ)
 *
 * All parameters in one kernel, with one count t for all: a parameter that is unfrozen later joins at that
 * count. As `torch.optim.Adam`.
 *
 * @throws ConfigError for settings out of range, unknown options, or a model without parameters.
 *
 * Paper: Kingma & Ba, "Adam: a method for stochastic optimization", ICLR 2015.
 */
export class Adam implements Optimizer {
  readonly learningRate: Scalar;
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  readonly weightDecay: number;
  private readonly named: Map<string, Parameter>;
  private readonly firstMoments: Slots;
  private readonly secondMoments: Slots;
  private readonly count: State;

  constructor(model: Parameters, options: AdamOptions = {}) {
    const { type } = this;
    checkOptions(type, options, ['learningRate', 'beta1', 'beta2', 'epsilon', 'weightDecay']);
    const {
      learningRate = 1e-3,
      beta1 = 0.9,
      beta2 = 0.999,
      epsilon = 1e-8,
      weightDecay = 0,
    } = options;
    checkSetting(type, 'learningRate', learningRate, 0);
    checkSetting(type, 'beta1', beta1, 0, 1);
    checkSetting(type, 'beta2', beta2, 0, 1);
    checkSetting(type, 'epsilon', epsilon, 0);
    checkSetting(type, 'weightDecay', weightDecay, 0);
    this.learningRate = learningRate instanceof Scalar ? learningRate : new Scalar(learningRate);
    this.beta1 = beta1;
    this.beta2 = beta2;
    this.epsilon = epsilon;
    this.weightDecay = weightDecay;
    this.named = namedParameters(type, model);
    this.firstMoments = new Slots('firstMoment', this.named);
    this.secondMoments = new Slots('secondMoment', this.named);
    this.count = tidy(() => new State(scalar(0, 'int32')));
  }

  protected get type(): 'Adam' | 'AdamW' {
    return 'Adam';
  }

  step(grads: NamedGradients, { gate }: StepOptions = {}): void {
    const { names, parameters, gradients } = matchGradients(this.type, this.named, grads);
    if (parameters.length === 0) return;
    const { learningRate, beta1, beta2, epsilon, weightDecay } = this;
    adamUpdate({
      parameters,
      gradients,
      firstMoments: this.firstMoments.of(names),
      secondMoments: this.secondMoments.of(names),
      step: this.count,
      learningRate,
      beta1,
      beta2,
      epsilon,
      weightDecay,
      decoupled: this.type === 'AdamW',
      gate,
    });
  }

  *namedStates(): IterableIterator<[string, State]> {
    yield ['step', this.count];
    yield* this.firstMoments.namedStates();
    yield* this.secondMoments.namedStates();
  }

  state(): OptimizerState {
    const { type, beta1, beta2, epsilon, weightDecay } = this;
    return {
      type,
      learningRate: scalarValue(this.learningRate),
      beta1,
      beta2,
      epsilon,
      weightDecay,
    };
  }

  restore(state: OptimizerState): void {
    checkState(this.state(), state);
    this.learningRate.value = state.learningRate;
  }

  dispose(): void {
    this.firstMoments.dispose();
    this.secondMoments.dispose();
    this.count.dispose();
  }
}
