/** Every operation with its gradient, compiled. */
import { compile, constant, dispose, tidy, type Tensor, vjp } from '@stratajs/core';
import type { Check } from '../check.js';
import { assertClose, assertEqual, numbers, take, type Tolerance } from '../compare.js';
import { assertNoLeak } from '../flat-memory.js';
import { operationCases } from '../operations/table.js';
import type { OperationCase } from '../operations/types.js';
import { inputsOf } from './operation-values.js';

/** Compiled results are those of eager calls, in the call that records them and in the next. */
export function compiledOperations(tolerance: Tolerance): Check[] {
  return operationCases().map((operation) => ofOperation(operation, tolerance));
}

function ofOperation(operation: OperationCase, tolerance: Tolerance): Check {
  const { golden, apply } = operation;
  const all = (...xs: Tensor[]): Tensor[] => {
    const y = apply(...xs);
    if (!golden.grads) return [y];
    const { pullback } = vjp(apply, ...xs);
    return [y, ...pullback(constant(golden.cotangent!, golden.value.shape))];
  };
  return {
    name: `${golden.name} gives what it gives eagerly, and its gradient`,
    run: () =>
      assertNoLeak('It', async () => {
        const xs = inputsOf(operation);
        const eager = tidy(() => all(...xs));
        const compiled = compile(all);
        for (let call = 1; call <= 2; call++) {
          for (const [k, t] of compiled(...xs).entries()) {
            assertEqual(`The shape of result ${k}`, t.shape, eager[k]!.shape);
            assertClose(
              `Result ${k} of call ${call}`,
              await take(t),
              await numbers(eager[k]!),
              tolerance,
            );
          }
        }
        compiled.dispose();
        dispose([xs, eager]);
      }),
  };
}
