import { BackendError, ConfigError, memory, type NamedGradients, tensor } from '@stratajs/core';
import { beforeAll, describe, expect, test } from 'vitest';
import { clipByGlobalNorm, clipByValue } from '../src/index.js';
import { startEngine } from './engine.js';
import { expectClose, fromGolden, type Golden, readGolden } from './golden-values.js';

type Named = Readonly<Record<string, Golden>>;
const golden = readGolden<{
  grads: readonly Named[];
  clipByGlobalNorm: readonly { maxNorm: number; grads: Named }[];
}>('optimizers');

beforeAll(startEngine);

function gradients(): NamedGradients {
  return Object.fromEntries(Object.entries(golden.grads[0]!).map(([n, g]) => [n, fromGolden(g)]));
}

describe('clipByGlobalNorm', () => {
  test.each(golden.clipByGlobalNorm)('to $maxNorm is PyTorch’s', async ({ maxNorm, grads }) => {
    const clipped = clipByGlobalNorm(gradients(), maxNorm);
    expect(Object.keys(clipped)).toEqual(Object.keys(grads));
    for (const [name, g] of Object.entries(grads)) await expectClose(clipped[name]!, g, 1e-6);
  });

  test('leaves zeros, and gradients that are not finite, to be seen', async () => {
    const { a } = clipByGlobalNorm({ a: tensor([0, 0]) }, 1);
    expect(await a!.array()).toEqual([0, 0]);
    const { b } = clipByGlobalNorm({ b: tensor([Infinity, 1]) }, 1);
    expect(((await b!.array()) as number[])[0]).toBeNaN();
    expect(clipByGlobalNorm({}, 1)).toEqual({});
  });
});

test('clipByValue cuts every element', async () => {
  const { a } = clipByValue({ a: tensor([-3, -0.5, 0, 0.5, 3]) }, -1, 0.25);
  expect(await a!.array()).toEqual([-1, -0.5, 0, 0.25, 0.25]);
});

test('both leave only their results alive', () => {
  const grads = gradients();
  const before = memory().numTensors;
  for (const clipped of [clipByGlobalNorm(grads, 1), clipByValue(grads, -1, 1)]) {
    for (const t of Object.values(clipped)) t.dispose();
  }
  expect(memory().numTensors).toBe(before);
});

test('wrong arguments', () => {
  const grads = gradients();
  expect(() => clipByGlobalNorm(grads, 0)).toThrow(ConfigError);
  expect(() => clipByGlobalNorm(grads, NaN)).toThrow(/maxNorm .* Received: number NaN/);
  expect(() => clipByGlobalNorm(null as never, 1)).toThrow(ConfigError);
  expect(() => clipByValue(grads, 1, -1)).toThrow(
    /min ≤ max\. Received: min=number 1, max=number -1/,
  );
  expect(() => clipByValue({ a: 3 as never }, -1, 1)).toThrow(
    /The gradient 'a' of clipByValue\(\)/,
  );
  grads['a']!.dispose();
  expect(() => clipByGlobalNorm(grads, 1)).toThrow(BackendError);
});
