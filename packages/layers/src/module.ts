import {
  ConfigError,
  type DType,
  guard,
  type ModuleLike,
  Parameter,
  type Rng,
  type Shape,
  type State,
  type Tensor,
} from '@stratajs/core';
import { addForwardHook, type ForwardHook, wrapForward } from './forward-calls.js';
import { moduleBrand, walk } from './module-walk.js';
import { loadInto, type StateDict } from './state-dict.js';
import { type Summary, summarize } from './summary.js';

/**
 * The base of every layer and model: a class with a `forward`.
 *
 * What it holds is found by walking its own enumerable fields, in declaration order: those that hold
 * a Parameter, State or Module, or an array or plain record of these. Anything else is ignored. A
 * parameter that two modules share counts once, under its first path. Paths look like
 * 'features.0.weight'.
 *
 *     class Perceptron extends Module {
 *       hidden = new Linear(784, 100);
 *       output = new Linear(100, 10);
 *       forward(x: Tensor): Tensor {
 *         return this.output.forward(relu(this.hidden.forward(x)));
 *       }
 *     }
 *
 * `forward` is synchronous and owns nothing: its temporaries are freed when it returns, its result
 * belongs to the caller. An error that passes through it says which layer of the model threw.
 *
 * Subclasses use neither #private fields (the walk cannot see them) nor fields declared again
 * (which would reset them to undefined).
 *
 * @throws ConfigError from every method that walks, when a module holds itself.
 */
export abstract class Module implements ModuleLike {
  private isTraining: boolean = true;

  constructor() {
    Object.defineProperty(this, moduleBrand, { value: true });
    wrapForward(this);
  }

  abstract forward(...inputs: never[]): unknown;

  /** Whether layers behave as in training (dropout drops, batch statistics are used). Set by `train()` and `eval()`. */
  get training(): boolean {
    guard(this, 'training', () => this.isTraining);
    return this.isTraining;
  }

  set training(value: boolean) {
    this.isTraining = value;
  }

  /** Every parameter by path, in declaration order, frozen ones included. */
  *namedParameters(): IterableIterator<[string, Parameter]> {
    for (const [path, state] of walk(this).states)
      if (state instanceof Parameter) yield [path, state];
  }

  /** Every State by path, parameters included, in declaration order. */
  *namedStates(): IterableIterator<[string, State]> {
    yield* walk(this).states;
  }

  /** This module under '', then every module below it by path. */
  *namedModules(): IterableIterator<[string, Module]> {
    yield* walk(this).modules;
  }

  /** Every generator of random numbers by path; a checkpoint saves their positions. */
  *namedRngs(): IterableIterator<[string, Rng]> {
    yield* walk(this).rngs;
  }

  parameters(): Parameter[] {
    return [...this.namedParameters()].map(([, p]) => p);
  }

  states(): State[] {
    return [...walk(this).states.values()];
  }

  /** The modules that this one holds itself: not those further below. */
  children(): Module[] {
    return [...walk(this, false).modules.values()].slice(1);
  }

  /** The value of every State by path. The tensors share the states' storage, and the caller disposes them. */
  stateDict(): Record<string, Tensor> {
    const dict: Record<string, Tensor> = {};
    for (const [path, state] of walk(this).states) dict[path] = state.value;
    return dict;
  }

  /**
   * Sets every State from `dict`, whose tensors stay the caller's. Sets all or none.
   *
   * @param options.strict Default true: a missing or unexpected name is refused. A wrong shape always is.
   * @throws CheckpointError that lists every missing, unexpected and mis-shaped name.
   */
  loadStateDict(dict: StateDict, options: { readonly strict?: boolean } = {}): void {
    loadInto(walk(this).states, dict, options.strict ?? true);
  }

  /** Sets training mode here and in every module below. */
  train(): this {
    return this.setTraining(true);
  }

  /** Sets evaluation mode here and in every module below. */
  eval(): this {
    return this.setTraining(false);
  }

  private setTraining(training: boolean): this {
    for (const module of walk(this).modules.values()) module.training = training;
    return this;
  }

  /** Takes every parameter out of training: no gradient is computed for it, no optimizer moves it. */
  freeze(): this {
    for (const p of this.parameters()) p.trainable = false;
    return this;
  }

  /** Undoes `freeze()`. */
  unfreeze(): this {
    for (const p of this.parameters()) p.trainable = true;
    return this;
  }

  /** Calls `hook` after each forward of this module. Returns what removes it. */
  onForward(hook: ForwardHook): () => void {
    if (typeof hook !== 'function') {
      throw new ConfigError(`onForward() takes a function. Received: ${typeof hook}.`);
    }
    return addForwardHook(this, hook);
  }

  /**
   * What each layer is, puts out and holds, as a table. Runs one forward on zeros, in evaluation
   * mode and without gradients; nothing is changed.
   *
   * @param inputShape with the batch axis, for example [1, 28, 28, 1].
   * @param options.dtype of the input. Default 'float32'.
   */
  summary(inputShape: Shape, options: { readonly dtype?: DType } = {}): Summary {
    return summarize(this, inputShape, options.dtype ?? 'float32');
  }

  /** Frees every State that this module and those below it hold. */
  dispose(): void {
    for (const state of this.states()) state.dispose();
  }
}
