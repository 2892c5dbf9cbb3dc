/** No operation leaves a tensor behind, forward or backward, inside a tidy or outside. */
import * as core from '@stratajs/core';
import type { Check } from '../check.js';
import { assertThat } from '../compare.js';
import { assertNoLeak } from '../flat-memory.js';
import { operationCases } from '../operations/table.js';
import { inputsOf } from './operation-values.js';

const { dispose, tensor, tidy, vjp } = core;

/** Operations that take no tensor, or whose results are random. */
const others: Readonly<Record<string, () => core.Tensor>> = {
  tensor: () => core.tensor([1, 2]),
  zeros: () => core.zeros([2, 3]),
  ones: () => core.ones([2, 3]),
  full: () => core.full([2], 3),
  arange: () => core.arange(0, 5),
  linspace: () => core.linspace(0, 1, 5),
  eye: () => core.eye(3),
  scalar: () => core.scalar(1),
  uniform: () => new core.Rng(1).uniform([3]),
  normal: () => new core.Rng(1).normal([3]),
  truncatedNormal: () => new core.Rng(1).truncatedNormal([3]),
  integers: () => new core.Rng(1).integers([3], { max: 5 }),
  bernoulli: () => new core.Rng(1).bernoulli([3], 0.5),
  dropout: () => core.tidy(() => core.dropout(core.ones([5]), 0.5, { rng: new core.Rng(1) })),
  'the gradient of dropout': () =>
    core.tidy(() =>
      core.grad((x) => core.sum(core.dropout(x, 0.5, { rng: new core.Rng(1) })))(core.ones([5])),
    ),
};

export function operationLeaks(): Check[] {
  const made = Object.entries(others).map(([name, make]) => ({
    name,
    run: () => assertNoLeak('It', () => make().dispose()),
  }));
  const computed = operationCases().map((operation) => ({
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
  return [...made, ...computed];
}
