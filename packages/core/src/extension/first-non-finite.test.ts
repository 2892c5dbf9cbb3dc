import { beforeAll, expect, it } from 'vitest';
import { testEngine } from '../../test/test-engine.js';
import { grad } from '../autodiff/gradients.js';
import { ones, scalar, tensor } from '../create.js';
import { ShapeError } from '../errors.js';
import { memory } from '../memory.js';
import { square, sum } from '../ops/index.js';
import type { Tensor } from '../tensor.js';
import { use } from '../use.js';
import { firstNonFinite } from './first-non-finite.js';

beforeAll(async () => {
  await use(testEngine());
});

const index = async (...tensors: Tensor[]): Promise<unknown> => {
  const k = firstNonFinite(tensors);
  expect([k.dtype, k.shape]).toEqual(['int32', []]);
  return k.array();
};

it('finds the first tensor that is not finite', async () => {
  const fine = tensor([
    [1, -3.4e38],
    [1e-45, 0],
  ]);
  const nan = tensor([1, 2, Number.NaN]);
  const infinite = tensor([[-Infinity]]);
  expect(await index(fine)).toBe(-1);
  expect(await index(fine, scalar(2), tensor(new Float32Array(0), [0, 2]))).toBe(-1);
  expect(await index(nan)).toBe(0);
  expect(await index(fine, infinite, nan)).toBe(1);
  expect(await index(fine, fine, nan, fine, infinite)).toBe(2);
  expect(await index(fine, fine, fine, scalar(Infinity))).toBe(3);
});

it('is a constant to gradients', async () => {
  const g = grad((x) => {
    firstNonFinite([x]);
    return sum(square(x));
  })(tensor([3]));
  expect(await g.array()).toEqual([6]);
});

it('leaks nothing', () => {
  const x = ones([3]);
  const before = memory().numTensors;
  firstNonFinite([x, x]).dispose();
  expect(memory().numTensors).toBe(before);
});

it('says what is wrong with an argument', () => {
  expect(() => firstNonFinite([])).toThrow(ShapeError);
  expect(() => firstNonFinite([ones([1]), tensor([1], [1], 'int32')])).toThrow(
    /tensors\[1\].*int32/,
  );
  expect(() => firstNonFinite(ones([1]) as unknown as Tensor[])).toThrow(ShapeError);
});
