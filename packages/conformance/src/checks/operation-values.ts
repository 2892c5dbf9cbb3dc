/** Operations and their gradients against PyTorch's float64. */
import { tensor, tidy, type Tensor, vjp } from '@stratajs/core';
import type { Check } from '../check.js';
import { assertClose, assertEqual, take, type Tolerance } from '../compare.js';
import { operationCases } from '../operations/table.js';
import type { OperationCase } from '../operations/types.js';

/** f(x) = PyTorch's. */
export function operationValues(tolerance: Tolerance): Check[] {
  return operationCases().map(({ golden, apply }) => ({
    name: golden.name,
    async run() {
      const y = tidy(() => apply(...inputsOf({ golden, apply })));
      assertEqual('The shape of the result is wrong', y.shape, golden.value.shape);
      assertClose('The result', await take(y), golden.value.values, tolerance);
    },
  }));
}

/** The gradient of sum(c · f(x)) = PyTorch's, for every input. */
export function operationGradients(tolerance: Tolerance): Check[] {
  return operationCases()
    .filter(({ golden }) => golden.grads)
    .map((operation) => ({
      name: operation.golden.name,
      async run() {
        const grads = tidy(() => gradientsOf(operation, inputsOf(operation)));
        for (const [i, g] of grads.entries()) {
          const { shape } = operation.golden.inputs[i]!;
          assertEqual(`The shape of the gradient of input ${i} is wrong`, g.shape, shape);
          const expected = operation.golden.grads![i]!;
          assertClose(`The gradient of input ${i}`, await take(g), expected, tolerance);
        }
      },
    }));
}

/** The sampled point of a case. */
export function inputsOf({ golden }: OperationCase): Tensor[] {
  return golden.inputs.map(({ shape, values }) => tensor(values, shape));
}

/** The gradients of sum(c · f(xs)), c the case's cotangent. */
export function gradientsOf({ golden, apply }: OperationCase, xs: readonly Tensor[]): Tensor[] {
  const { pullback } = vjp(apply, ...xs);
  return pullback(tensor(golden.cotangent!, golden.value.shape));
}
