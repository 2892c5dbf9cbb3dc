import { ConfigError, matmul, memory, Rng, type Shape, type Tensor, tensor } from '@stratajs/core';
import { beforeAll, describe, expect, test } from 'vitest';
import { Conv2d, init, type Initializer, Linear } from '../src/index.js';
import { startEngine } from './engine.js';

beforeAll(startEngine);

async function statistics(
  t: Tensor,
): Promise<{ mean: number; variance: number; min: number; max: number }> {
  const values = [...((await t.data()) as Float32Array)];
  const mean = values.reduce((a, b) => a + b, 0) / values.length;
  const variance = values.reduce((a, b) => a + (b - mean) ** 2, 0) / values.length;
  return { mean, variance, min: Math.min(...values), max: Math.max(...values) };
}

// [80, 120] of a Linear: fan-in 120, fan-out 80. [3, 3, 8, 32] of a Conv2d: fan-in 72, fan-out 288.
const shapes: [Shape, number, number][] = [
  [[80, 120], 120, 80],
  [[3, 3, 8, 32], 72, 288],
];
const expected: [string, Initializer, (fanIn: number, fanOut: number) => number, boolean][] = [
  ['lecunUniform', init.lecunUniform, (i) => 1 / i, true],
  ['lecunNormal', init.lecunNormal, (i) => 1 / i, false],
  ['xavierUniform', init.xavierUniform, (i, o) => 2 / (i + o), true],
  ['xavierNormal', init.xavierNormal, (i, o) => 2 / (i + o), false],
  ['heUniform', init.heUniform, (i) => 2 / i, true],
  ['heNormal', init.heNormal, (i) => 2 / i, false],
  ['torchDefault', init.torchDefault, (i) => 1 / (3 * i), true],
];

describe.each(expected)('%s', (_, initializer, varianceOf, bounded) => {
  test.each(shapes)('has its variance for %j', async (shape, fanIn, fanOut) => {
    const variance = varianceOf(fanIn, fanOut);
    const s = await statistics(initializer(shape, { rng: new Rng(5) }));
    // Over 2304 values or more, five standard errors.
    const n = shape.reduce((a, b) => a * b, 1);
    expect(Math.abs(s.mean)).toBeLessThan(5 * Math.sqrt(variance / n));
    expect(Math.abs(s.variance / variance - 1)).toBeLessThan(5 * Math.sqrt(2 / n));
    const bound = Math.sqrt(3 * variance);
    if (bounded) {
      expect(s.max).toBeLessThanOrEqual(bound);
      expect(s.max).toBeGreaterThan(0.99 * bound);
      expect(s.min).toBeLessThan(-0.99 * bound);
    } else {
      expect(s.max).toBeGreaterThan(1.5 * bound);
    }
  });
});

test('fans that are given win over those of the shape', async () => {
  const { max } = await statistics(init.torchDefault([1000], { rng: new Rng(1), fanIn: 4 }));
  expect(max).toBeLessThanOrEqual(0.5);
  expect(max).toBeGreaterThan(0.49);
  expect(init.fans([5])).toEqual({ fanIn: 5, fanOut: 5 });
  expect(init.fans([2, 3, 4])).toEqual({ fanIn: 6, fanOut: 8 }); // of a 1d convolution
});

test('a bias is drawn in the bounds of its layer', async () => {
  const layer = new Linear(100, 1000, { rng: new Rng(3) });
  const { min, max } = await statistics(layer.bias!.value);
  expect([min < -0.099, max > 0.099, min >= -0.1, max <= 0.1]).toEqual([true, true, true, true]);
});

test.each([[[6, 4]], [[4, 6]], [[3, 3, 2, 5]]] as [Shape][])(
  'orthogonal %j: the fewer of rows and columns are orthonormal',
  async (shape) => {
    const columns = shape.at(-1)!;
    const values = await init
      .orthogonal(2)(shape, { rng: new Rng(4) })
      .data();
    const m = tensor(values as Float32Array, [values.length / columns, columns]);
    const tall = m.shape[0]! >= columns;
    const gram = (await matmul(m, m, {
      transposeA: tall,
      transposeB: !tall,
    }).array()) as number[][];
    gram.forEach((row, i) => row.forEach((v, j) => expect(v).toBeCloseTo(i === j ? 4 : 0, 5)));
  },
);

test('constants, and ranges', async () => {
  expect(await init.zeros([2]).array()).toEqual([0, 0]);
  expect(await init.ones([2]).array()).toEqual([1, 1]);
  expect(await init.constant(3)([2]).array()).toEqual([3, 3]);
  const uniform = await statistics(init.uniform(2, 3)([1000], { rng: new Rng(0) }));
  expect(uniform.min >= 2 && uniform.max < 3).toBe(true);
  expect(uniform.mean).toBeCloseTo(2.5, 1);
  const normal = await statistics(init.normal(5, 0.1)([1000], { rng: new Rng(0) }));
  expect(normal.mean).toBeCloseTo(5, 1);
  expect(normal.variance).toBeCloseTo(0.01, 2);
});

test('one seed, one layer', async () => {
  const [a, b, c] = [7, 7, 8].map((seed) => new Conv2d(2, 3, 3, { rng: new Rng(seed) }));
  const [x, y, z] = await Promise.all([a!, b!, c!].map((l) => l.weight.value.array()));
  expect(x).toEqual(y);
  expect(x).not.toEqual(z);
});

test('what is no initializer, or gives another shape, is refused, and nothing stays alive', () => {
  const before = memory().numTensors;
  expect(() => new Linear(2, 3, { weightInit: 'heNormal' as never })).toThrow(ConfigError);
  expect(() => new Linear(2, 3, { weightInit: () => init.zeros([2]) })).toThrow(
    /Expected: \[3, 2\]\. Received: a float32 tensor of shape \[2\]/,
  );
  expect(memory().numTensors).toBe(before);
});
