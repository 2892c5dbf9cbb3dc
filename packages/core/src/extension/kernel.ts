import type { Attributes } from '../engine.js';
import type { Tensor } from '../tensor.js';

/** What core knows of one of the kernels that Strata adds to tfjs's set. */
export interface ExtensionKernel {
  readonly name: string;
  /**
   * The same result from other kernels, for engines that have none of their own. Runs inside a
   * tidy, and is never recorded for gradients. Must not return one of its inputs.
   */
  readonly composite: (
    inputs: Readonly<Record<string, Tensor>>,
    attrs: Attributes,
  ) => Tensor | Tensor[];
  readonly gradient?: {
    /** Names of the inputs that `of` receives as `saved`. */
    readonly saved: readonly string[];
    /** Which outputs follow them. Default: none. */
    readonly savedOutputs?: readonly boolean[];
    /**
     * How many outputs, the first ones, gradients flow through; `of` receives the cotangents of these alone. Those after
     * them are notes for the gradient kernel. Default: all.
     */
    readonly differentiable?: number;
    /**
     * For each input by name, what computes its gradient. Only those that are needed are run.
     * `dy` is a list for a kernel with more than one output.
     */
    readonly of: (
      dy: Tensor & readonly Tensor[],
      saved: readonly Tensor[],
      attrs: Attributes,
    ) => Readonly<Record<string, () => Tensor>>;
  };
}
