/** No operation leaves a tensor behind, forward or backward, inside a tidy or outside. */
import { dispose, tensor, tidy, vjp } from '@stratajs/core';
import type { Check } from '../check.js';
import { assertThat } from '../compare.js';
import { assertNoLeak } from '../flat-memory.js';
import { operationCases } from '../operations/table.js';
import { inputsOf } from './operation-values.js';

export function operationLeaks(): Check[] {
  return operationCases().map((operation) => ({
    name: operation.golden.name,
    async run() {
      const { golden, apply } = operation;
      const xs = inputsOf(operation);
      await assertNoLeak('The operation, its result freed by hand,', () => apply(...xs).dispose());
      await assertNoLeak('The operation in a tidy()', () => tidy(() => void apply(...xs)));
      if (golden.grads) {
        const c = tensor(golden.cotangent!, golden.value.shape);
        await assertNoLeak('The gradient', () => {
          const { value, pullback } = vjp(apply, ...xs);
          dispose([value, pullback(c)]);
        });
        c.dispose();
      }
      assertThat(
        xs.every((x) => !x.isDisposed),
        'The operation has freed its input.',
      );
      dispose(xs);
    },
  }));
}
