import { beforeAll, expect, it } from 'vitest';
import { testEngine } from '../../test/test-engine.js';
import { grad, valueAndGrad } from '../autodiff/gradients.js';
import { tensor } from '../create.js';
import { memory } from '../memory.js';
import { mul, relu, square, sum } from '../ops/index.js';
import { use } from '../use.js';
import { reluGrad } from './relu-grad.js';

beforeAll(async () => void (await use(testEngine())));

it('lets dy pass where y is positive or no number, and nothing of it elsewhere', async () => {
  const y = tensor([1, 0, -0, -2, NaN, Infinity, -Infinity, 1e-45]);
  const dy = tensor([2, 3, Infinity, NaN, 5, 6, 7, 8]);
  expect(await reluGrad(dy, y).array()).toEqual([2, 0, 0, 0, 5, 6, 0, 8]);
});

it('is the gradient of relu, to the second order, and leaks nothing', async () => {
  const x = tensor([3, -1, 0, 2]);
  const before = memory().numTensors;
  const first = grad((x) => sum(square(relu(x))))(x);
  const { value, grads } = valueAndGrad((x) =>
    sum(mul(square(grad((x) => sum(square(relu(x))))(x)), 0.5)),
  )(x);
  expect(await first.array()).toEqual([6, 0, 0, 4]);
  expect(await value.array()).toBe(26); // Σ (2x)²/2 of the positive ones
  expect(await grads[0]!.array()).toEqual([12, 0, 0, 8]);
  for (const t of [first, value, ...grads]) t.dispose();
  expect(memory().numTensors).toBe(before);
});
