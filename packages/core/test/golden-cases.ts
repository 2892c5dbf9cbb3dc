/** Runs the cases of golden/ops-<group>.json: values, gradients and second derivatives of PyTorch. */
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { vjp } from '../src/autodiff/gradients.js';
import { tensor } from '../src/create.js';
import { dispose, memory, tidy } from '../src/memory.js';
import { addN, mul, sum } from '../src/ops/index.js';
import type { Tensor } from '../src/tensor.js';

interface Recorded {
  readonly shape: number[];
  readonly data: number[];
}

interface Case {
  readonly inputs: Recorded[];
  readonly value: Recorded;
  readonly dy: Recorded;
  readonly gradients: Recorded[];
  readonly directions?: Recorded[];
  readonly seconds?: Recorded[];
}

type Operation = (...xs: Tensor[]) => Tensor;

/** One test for each function named, and one that no recorded case is left out. */
export function testGoldenCases(
  group: string,
  operations: Readonly<Record<string, Operation>>,
  tolerance: number = 2e-5,
): void {
  const file = new URL(`golden/ops-${group}.json`, import.meta.url);
  const cases = JSON.parse(readFileSync(file, 'utf8')) as Record<string, Case>;
  it('has a test for every recorded case', () => {
    expect(Object.keys(operations).sort()).toEqual(Object.keys(cases).sort());
  });
  for (const [name, operation] of Object.entries(operations)) {
    it(name, () => checkCase(operation, cases[name]!, tolerance));
  }
}

async function checkCase(operation: Operation, recorded: Case, tolerance: number): Promise<void> {
  const inputs = recorded.inputs.map(made);
  const dy = made(recorded.dy);

  const before = memory().numTensors;
  const alone = operation(...inputs);
  expect(memory().numTensors, 'tensors left by the operation').toBe(before + 1);
  await expectClose(alone, recorded.value, tolerance, 'value');
  alone.dispose();

  const { value, pullback } = vjp(operation, ...inputs);
  const gradients = pullback(dy);
  await expectClose(value, recorded.value, tolerance, 'value while recorded');
  for (const [i, g] of gradients.entries()) {
    await expectClose(g, recorded.gradients[i]!, tolerance, `gradient ${i}`);
  }

  dispose([value, gradients]);
  expect(memory().numTensors, 'tensors left by gradients').toBe(before);
  const { directions, seconds } = recorded;
  if (directions && seconds) {
    await checkSeconds(operation, inputs, dy, directions.map(made), seconds, tolerance * 5);
  }
  dispose([inputs, dy]);
}

/** The gradient of the gradient along `directions`. */
async function checkSeconds(
  operation: Operation,
  inputs: Tensor[],
  dy: Tensor,
  directions: Tensor[],
  expected: Recorded[],
  tolerance: number,
): Promise<void> {
  const before = memory().numTensors;
  const one = tensor(1);
  const { value, pullback } = vjp(
    (...xs) => {
      const grads = vjp(operation, ...xs).pullback(dy);
      return addN(grads.map((g, i) => sum(mul(g, directions[i]!))));
    },
    ...inputs,
  );
  const seconds = pullback(one);
  for (const [i, g] of seconds.entries()) {
    await expectClose(g, expected[i]!, tolerance, `second derivative ${i}`);
  }
  dispose([one, value, seconds]);
  expect(memory().numTensors, 'tensors left by second derivatives').toBe(before);
  dispose(directions);
}

function made({ shape, data }: Recorded): Tensor {
  return tidy(() => tensor(Float32Array.from(data), shape));
}

async function expectClose(
  actual: Tensor,
  expected: Recorded,
  tolerance: number,
  what: string,
): Promise<void> {
  expect(actual.shape, `shape of the ${what}`).toEqual(expected.shape);
  const values = [...((await actual.data()) as Float32Array)];
  const scale = 1 + Math.max(0, ...expected.data.map(Math.abs));
  values.forEach((v, i) => {
    const error = Math.abs(v - expected.data[i]!);
    if (!(error <= tolerance * scale)) {
      expect.fail(
        `${what}, element ${i}: ${v}, expected ${expected.data[i]} (all: ${values} for ${expected.data})`,
      );
    }
  });
}
