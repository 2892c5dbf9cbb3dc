/** The form of the golden values that golden/make_golden.py writes. */

export interface GoldenTensor {
  readonly shape: readonly number[];
  readonly values: readonly number[];
}

/** An operation at one point. */
export interface GoldenCase {
  readonly name: string;
  readonly inputs: readonly GoldenTensor[];
  readonly value: GoldenTensor;
  /** Present when the operation is differentiable: c of the loss sum(c · f(x)). */
  readonly cotangent?: readonly number[];
  /** The gradient of that loss for each input. */
  readonly grads?: readonly (readonly number[])[];
}

/** Some steps of an update rule over several parameters. */
export interface GoldenUpdate {
  readonly shapes: readonly (readonly number[])[];
  readonly start: readonly (readonly number[])[];
  /** [step][parameter][element] */
  readonly gradients: readonly (readonly (readonly number[])[])[];
  /** The parameters after each step. */
  readonly after: readonly (readonly (readonly number[])[])[];
}
