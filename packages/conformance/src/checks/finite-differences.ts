/**
 * Gradients against central differences, with no oracle but the operation itself.
 *
 * For L(x) = Σ c·f(x), summed on the host in double precision, and a direction d,
 *
 *     L'(x; d) ≈ (8·(L(x + h·d) − L(x − h·d)) − (L(x + 2h·d) − L(x − 2h·d))) / (12·h)
 *
 * must equal Σ g·d within 1e-3 of Σ |g·d|. The error of the difference is O(h⁴) from the formula
 * and about 1e-7·|L|/h from float32; h = 0.01 keeps both below 1e-4 at the sampled points, which lie
 * farther than 2h from kinks and ties.
 */
import { dispose, tensor, tidy, type Tensor } from '@stratajs/core';
import type { Check } from '../check.js';
import { assertThat, numbers } from '../compare.js';
import { operationCases } from '../operations/table.js';
import type { OperationCase } from '../operations/types.js';
import { gradientsOf, inputsOf } from './operation-values.js';
import { hostRandom } from '../host-random.js';

const STEP = 0.01;
const RELATIVE = 1e-3;

export function finiteDifferences(): Check[] {
  return operationCases()
    .filter(({ golden }) => golden.grads && !excluded.has(golden.name))
    .map((operation) => ({ name: operation.golden.name, run: () => checkDirections(operation) }));
}

const excluded = new Set([
  // What it computes on purpose is not the derivative of its value.
  'stopGradient',
  // Near 10,000 neighbouring float32 lie 1e-3 apart: too far for steps of 0.01.
  'batchNorm, far from zero',
  'layerNorm, far from zero',
]);

async function checkDirections(operation: OperationCase): Promise<void> {
  const grads = tidy(() => gradientsOf(operation, inputsOf(operation)));
  const host: ArrayLike<number>[] = [];
  for (const g of grads) host.push(await numbers(g));
  dispose(grads);
  const random = hostRandom(7);
  // Along the gradient nothing cancels; across it, elements that are wrongly zero show.
  const along = host.map((g) => Array.from(g, (v) => (Math.sign(v) || 1) * (0.5 + random())));
  const across = host.map((g) => Array.from(g, () => 2 * random() - 1));
  for (const [name, direction] of Object.entries({ along, across })) {
    let expected = 0;
    let scale = 0;
    host.forEach((g, i) =>
      Array.from(g).forEach((v, j) => {
        expected += v * direction[i]![j]!;
        scale += Math.abs(v * direction[i]![j]!);
      }),
    );
    const at = (t: number): Promise<number> => lossAt(operation, direction, t * STEP);
    const near = (await at(1)) - (await at(-1));
    const far = (await at(2)) - (await at(-2));
    const measured = (8 * near - far) / (12 * STEP);
    assertThat(
      Math.abs(measured - expected) <= RELATIVE * Math.max(scale, 1e-3),
      `The derivative ${name} the gradient is wrong. By finite differences: ${measured}. By the gradient: ${expected}.`,
    );
  }
}

/** Σ c·f(x + t·d). The shifted inputs are rounded to float32, so t·d is what rounding leaves of it. */
async function lossAt(
  { golden, apply }: OperationCase,
  direction: readonly (readonly number[])[],
  t: number,
): Promise<number> {
  const y: Tensor = tidy(() =>
    apply(
      ...golden.inputs.map(({ shape, values }, i) =>
        tensor(
          values.map((v, j) => v + t * direction[i]![j]!),
          shape,
        ),
      ),
    ),
  );
  const values = await numbers(y);
  y.dispose();
  let loss = 0;
  golden.cotangent!.forEach((c, i) => (loss += c * values[i]!));
  return loss;
}
