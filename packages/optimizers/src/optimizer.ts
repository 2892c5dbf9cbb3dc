import type { ModuleLike, NamedGradients, Parameter, Scalar, State, Tensor } from '@stratajs/core';

/** What an optimizer moves: the parameters of a model, or some of them, by name. */
export type Parameters =
  | Pick<ModuleLike, 'namedParameters'>
  | Iterable<readonly [string, Parameter]>;

export interface StepOptions {
  /**
   * int32 scalar on the device, from `firstNonFinite()`: unless it is −1 the step changes nothing. Default:
   * the step is taken.
   */
  readonly gate?: Tensor | undefined;
}

/** What `state()` gives: the kind of optimizer and its settings, as plain JSON. */
export interface OptimizerState {
  readonly type: string;
  readonly learningRate: number;
  readonly [setting: string]: number | boolean | string;
}

/**
 * An update rule with its memory. Takes the names and parameters at construction; which of them are
 * frozen is read at each step.
 */
export interface Optimizer {
  /** Read anew at each step: a schedule sets `learningRate.value`. */
  readonly learningRate: Scalar;
  /**
   * Moves every parameter that is not frozen, in place. Gradients stay the caller's.
   *
   * @param grads one for each parameter that is not frozen, by name, as `valueAndGrad(fn, model)` gives
   *   them. One for a frozen parameter is ignored.
   * @throws ConfigError that lists every missing and unexpected name; ShapeError for other shapes.
   *   Then nothing has changed.
   */
  step(grads: NamedGradients, options?: StepOptions): void;
  /** Its memory by name, for a checkpoint. Names such as 'momentum/features.0.weight'. */
  namedStates(): Iterable<[string, State]>;
  /** Its settings, for a checkpoint. */
  state(): OptimizerState;
  /**
   * Takes the learning rate of `state`.
   *
   * @throws CheckpointError when `state` is of another kind of optimizer, or its settings differ.
   */
  restore(state: OptimizerState): void;
  /** Frees its memory. Parameters stay. */
  dispose(): void;
}
