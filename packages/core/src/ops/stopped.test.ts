import { beforeAll, describe, expect, it } from 'vitest';
import { testEngine } from '../../test/test-engine.js';
import { grad, valueAndGrad } from '../autodiff/gradients.js';
import { tensor } from '../create.js';
import { dispose, memory } from '../memory.js';
import { Scalar } from '../state/scalar.js';
import type { Tensor } from '../tensor.js';
import { use } from '../use.js';
import * as ops from './index.js';

beforeAll(async () => void (await use(testEngine())));

const slope = async (f: (x: Tensor) => Tensor, values: number[]): Promise<unknown> =>
  grad((x) => ops.sum(f(x)))(tensor(values)).array();

describe('what stops the gradient', () => {
  it('comparisons, logic and tests of values', async () => {
    const positive = (x: Tensor) => ops.greater(x, 0);
    expect(await slope((x) => ops.where(positive(x), ops.mul(x, 3), x), [1, -1])).toEqual([3, 1]);
    for (const compare of [
      ops.equal,
      ops.notEqual,
      ops.greater,
      ops.greaterEqual,
      ops.less,
      ops.lessEqual,
    ]) {
      const f = (x: Tensor) => ops.mul(x, ops.cast(compare(x, 1), 'float32'));
      const mask = ops.cast(compare(tensor([1, 2]), 1), 'float32');
      expect(await slope(f, [1, 2])).toEqual(await mask.array());
    }
    for (const test of [ops.isNaN, ops.isInf, ops.isFinite]) {
      const f = (x: Tensor) => ops.add(x, ops.cast(test(x), 'float32'));
      expect(await slope(f, [1, 2])).toEqual([1, 1]);
    }
    const both = (x: Tensor) =>
      ops.logicalAnd(ops.logicalNot(positive(x)), ops.logicalOr(positive(x), ops.less(x, 5)));
    expect(
      await slope((x) => ops.where(ops.logicalXor(both(x), positive(x)), x, 0), [1, -1]),
    ).toEqual([1, 1]);
  });

  it('whole numbers', async () => {
    const x = [0.4, 1.6];
    for (const f of [ops.floor, ops.ceil, ops.round, ops.sign]) {
      expect(await slope((t) => ops.add(t, f(t)), x)).toEqual([1, 1]);
    }
    expect(await slope((t) => ops.mul(t, ops.cast(ops.cast(t, 'int32'), 'float32')), x)).toEqual([
      0, 1,
    ]);
    expect(await slope((t) => ops.mul(t, ops.floorDiv(t, 0.5)), x)).toEqual([0, 3]);
    expect(await slope((t) => ops.mul(ops.oneHot(ops.argMax(t), 2), t), x)).toEqual([0, 1]);
    expect(await slope((t) => ops.gather(t, ops.argMin(t)), x)).toEqual([1, 0]);
    expect(await slope((t) => ops.mul(t, ops.cast(ops.topK(t, 2).indices, 'float32')), x)).toEqual([
      1, 0,
    ]);
  });

  it('and where a derivative is chosen', async () => {
    expect(await slope(ops.abs, [-2, 0, 2])).toEqual([-1, 0, 1]);
    expect(await slope(ops.relu, [-2, 0, 2])).toEqual([0, 0, 1]);
    expect(await slope((x) => ops.norm(x), [0, 0])).toEqual([0, 0]);
    expect(await slope((x) => ops.max(x), [3, 3, 1])).toEqual([0.5, 0.5, 0]);
    expect(await slope((x) => ops.maximum(x, 1), [1, 2, 0])).toEqual([1, 1, 0]);
    expect(await slope((x) => ops.clip(x, 0, 1), [0, 1, 2, -1])).toEqual([1, 1, 0, 0]);
    expect(await slope((x) => ops.pow(x, 0), [0, 2])).toEqual([0, 0]);
    expect(await slope((x) => ops.pow(2, x), [0, 1])).toEqual([
      Math.fround(Math.LN2),
      Math.fround(2 * Math.LN2),
    ]);
    expect(await slope((x) => ops.prod(x), [0, 3, 2])).toEqual([6, 0, 0]);
  });

  it('while numbers and other dtypes are constants beside it', async () => {
    const whole = tensor([2, 3], [2], 'int32');
    const flags = tensor([true, false]);
    expect(await slope((x) => ops.mul(x, whole), [1, 1])).toEqual([2, 3]);
    expect(await slope((x) => ops.div(whole, x), [1, 2])).toEqual([-2, -0.75]);
    expect(await slope((x) => ops.mul(flags, x), [1, 1])).toEqual([1, 0]);
    expect(await slope((x) => ops.sub(1, ops.mul(new Scalar(3), x)), [1, 1])).toEqual([-3, -3]);
  });

  it('leaves no tensors when an operation throws in between', () => {
    const x = tensor([
      [1, 2],
      [3, 4],
    ]);
    const before = memory().numTensors;
    const wrong: ((t: Tensor) => Tensor)[] = [
      (t) => ops.sum(ops.add(ops.relu(t), ops.reshape(t, [4]))),
      (t) => ops.sum(ops.matmul(ops.exp(t), ops.reshape(ops.mul(t, 2), [1, 4]))),
      (t) => ops.sum(ops.gather(ops.square(t), ops.cast(ops.mul(t, 100), 'int32'))),
      (t) => ops.concat([ops.sin(t), ops.sum(t)]),
      (t) => ops.sqrt(t),
    ];
    for (const f of wrong) expect(() => valueAndGrad(f)(x)).toThrow();
    expect(memory().numTensors).toBe(before);
    dispose(valueAndGrad((t) => ops.sum(ops.square(t)))(x));
    expect(memory().numTensors).toBe(before);
  });
});

describe('values at the edge', () => {
  it('softmax and its kin bear infinities', async () => {
    const masked = tensor([
      [1, -Infinity, 1],
      [1000, 0, -1000],
    ]);
    expect(await ops.softmax(masked).array()).toEqual([
      [0.5, 0, 0.5],
      [1, 0, 0],
    ]);
    expect(await ops.logSumExp(tensor([-Infinity, -Infinity])).array()).toBe(-Infinity);
    expect(await ops.logSumExp(tensor([1, Infinity])).array()).toBe(Infinity);
    expect(await ops.logSumExp(tensor([1000, 1000])).array()).toBeCloseTo(1000 + Math.LN2, 3);
    expect(await ops.logSoftmax(masked).array()).toEqual([
      [-Math.fround(Math.LN2), -Infinity, -Math.fround(Math.LN2)],
      [0, -1000, -2000],
    ]);
    expect(await ops.softplus(tensor([-200, 200])).array()).toEqual([0, 200]);
    expect(await ops.sigmoid(tensor([-200, 200])).array()).toEqual([0, 1]);
  });

  it('index outside: typed, from engines that look', async () => {
    const x = tensor([1, 2]);
    const at = tensor([2], [1], 'int32');
    expect(() => ops.gather(x, at)).toThrow('The indices of gather() lie inside shape [2]');
    expect(() => ops.gatherNd(x, ops.reshape(at, [1, 1]))).toThrow('gatherNd()');
    expect(() => ops.scatterNd(ops.reshape(at, [1, 1]), tensor([1]), [2])).toThrow('scatterNd()');
    expect(await ops.oneHot(tensor([1, 5, -1], [3], 'int32'), 2).array()).toEqual([
      [0, 1],
      [0, 0],
      [0, 0],
    ]);
  });
});
