import { backpropagate } from '../autodiff/tape.js';
import { add, mul } from '../ops/binary.js';
import { sum } from '../ops/reduce.js';
import type { Tensor } from '../tensor.js';

/** For gradients of gradient kernels: Σ cotangentᵢ · ∂fnᵢ/∂x for each x, fn of the `xs` in operations that have gradients. */
export function pulledBack(
  fn: () => readonly Tensor[],
  xs: readonly Tensor[],
  cotangents: readonly Tensor[],
): Tensor[] {
  const along = (): Tensor =>
    fn()
      .map((y, i) => sum(mul(y, cotangents[i]!)))
      .reduce((a, b) => add(a, b));
  return backpropagate(along, xs, undefined).grads;
}
