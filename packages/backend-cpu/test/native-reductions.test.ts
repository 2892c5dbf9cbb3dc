import { closeBackends, use } from '@stratajs/core';
import '@tensorflow/tfjs-backend-cpu';
import { engine } from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cpu, type Isa } from '../src/index.js';
import { addon, isas, kernelsOf } from './addon.js';
import { agree, bools, integers, native, operand, run } from './both.js';

const REDUCTIONS: readonly (readonly [number[], number[]])[] = [
  [[], []],
  [[1], [0]],
  [[7], [0]],
  [[100], [0]],
  [[70000], [0]],
  [[5, 7], [0]],
  [[5, 7], [1]],
  [
    [5, 7],
    [0, 1],
  ],
  [[40, 33], [0]],
  [[40, 33], [1]],
  [[3, 40000], [1]],
  [[40000, 3], [0]],
  [[3000, 31], [0]],
  [[300, 600], [0]],
  [[2, 1000, 40], [1]],
  [
    [4, 5, 6],
    [0, 2],
  ],
  [[4, 5, 6], [1]],
  [
    [2, 3, 4, 5],
    [0, 1, 2],
  ],
  [
    [2, 3, 4, 5],
    [1, 3],
  ],
  [
    [2, 1, 4, 1],
    [1, 3],
  ],
  [
    [2, 1, 4, 1],
    [0, 1],
  ],
  [[3, 5], []],
];

describe.runIf(addon).each(isas as Isa[])('native kernels on %s', (isa) => {
  beforeAll(async () => {
    await use(cpu({ tier: 'native', isa, threads: 2 }));
    Object.assign(engine().findBackend('cpu'), { firstUse: false });
    native().pool!.poison = true;
  });
  afterAll(closeBackends);

  it('products of whole numbers wrap modulo 2^32, on one thread as on four', () => {
    for (const [outer, count, inner] of [
      [1, 100_003, 1],
      [3, 700, 50],
      [1, 40_000, 5],
    ] as const) {
      // Odd factors: a product of even ones is soon 0.
      const x = Int32Array.from(
        integers([outer * count * inner], 7, 50_000).values,
        (v) => 2 * v - 49_999,
      );
      const expected = new Int32Array(outer * inner).fill(1);
      for (let k = 0; k < x.length; k++) {
        const at = Math.floor(k / (count * inner)) * inner + (k % inner);
        expected[at] = Math.imul(expected[at]!, x[k]!);
      }
      for (const threads of [1, 4]) {
        addon!.setThreads(threads);
        const y = new Int32Array(outer * inner);
        kernelsOf(isa)['product']!(x, y, outer, count, inner);
        expect(y).toEqual(expected);
      }
    }
  });

  it.each(REDUCTIONS)('reductions of %j along %j', (shape, axis) => {
    const x = operand(shape, 1);
    for (const keepDims of [false, true]) {
      const attrs = { axis, keepDims };
      // Sums that cancel are compared with their terms.
      agree('Sum', { x }, attrs, { tolerance: 1e-6, floor: 10 });
      agree('Mean', { x }, attrs, { tolerance: 1e-6, floor: 1 });
      agree('Max', { x }, { reductionIndices: axis, keepDims });
      agree('Min', { x }, attrs);
      if (keepDims) {
        // Once: tfjs divides every element, which takes its time.
        agree('Mean', { x: integers(shape, 2, 1000) }, attrs, { tolerance: 1e-5 });
        agree('Mean', { x: bools(shape, 3) }, attrs, { tolerance: 1e-5 });
      }
      const near1 = { ...x, values: Array.from(x.values, (v) => 1 + v / 1000) };
      agree('Prod', { x: near1 }, attrs, { tolerance: 1e-6 });
      agree('Sum', { x: integers(shape, 2, 1000) }, attrs);
      agree('Sum', { x: bools(shape, 3) }, attrs);
      const signs = integers(shape, 4, 2);
      agree('Prod', { x: { ...signs, values: Array.from(signs.values, (v) => 2 * v - 1) } }, attrs);
      const rare = integers(shape, 6, 300).values;
      const some = {
        shape,
        values: Array.from(rare, (v) => Number(v === 0)),
        dtype: 'bool',
      } as const;
      const most = { ...some, values: some.values.map((v) => 1 - v) };
      for (const x of [bools(shape, 3), some, most]) {
        agree('All', { x }, attrs);
        agree('Any', { x }, attrs);
        agree('Prod', { x }, attrs);
        agree('Max', { x }, { reductionIndices: axis, keepDims });
        agree('Min', { x }, attrs);
      }
      agree('Max', { x: integers(shape, 4, 1000) }, { reductionIndices: axis, keepDims });
      agree('Min', { x: integers(shape, 5, 1000) }, attrs);
    }
  });

  it('sums are those of float64', () => {
    const values = Float32Array.from({ length: 100_003 }, (_, i) => 1 / (i + 1));
    const exact = values.reduce((sum, v) => sum + v, 0);
    const [y] = run('strata-cpu', 'Sum', { x: { shape: [100_003], values } }, { axis: [0] });
    expect(y!.values[0]).toBe(Math.fround(exact));
  });

  it('a NaN or an infinity anywhere decides', () => {
    for (const odd of [NaN, Infinity, -Infinity]) {
      for (const at of [0, 5, 16, 40, 99]) {
        const values = Array.from(operand([100], 1).values);
        values[at] = odd;
        const x = { shape: [100], values };
        const columns = { shape: [10, 10], values };
        for (const kernel of ['Sum', 'Mean', 'Prod', 'Min']) {
          agree(kernel, { x }, { axis: [0] }, { tolerance: 1e-4 });
          agree(kernel, { x: columns }, { axis: [0] }, { tolerance: 1e-4 });
        }
        agree('Max', { x }, { reductionIndices: [0] });
        agree('Max', { x: columns }, { reductionIndices: [0] });
      }
    }
  });

  it.each([
    [[1], 0],
    [[0, 3], 1],
    [[5000], 0],
    [[7, 33], 0],
    [[7, 33], 1],
    [[2, 5, 40], 1],
    [[3, 4, 700], 1],
    [[300, 50, 3], 1],
  ] as const)('running sums and products of %j along %i', (shape, axis) => {
    for (const exclusive of [false, true]) {
      for (const reverse of [false, true]) {
        const attrs = { axis, exclusive, reverse };
        const x = operand(shape, 1);
        agree('Cumsum', { x }, attrs, { tolerance: 1e-4, floor: 1 });
        agree('Cumsum', { x: integers(shape, 2, 1000) }, attrs);
        const near1 = { shape, values: Array.from(x.values, (v) => 1 + v / 1000) };
        agree('Cumprod', { x: near1 }, attrs, { tolerance: 1e-4 });
        agree('Cumprod', { x: integers(shape, 3, 3) }, attrs);
      }
    }
  });

  it('running sums are those of float64, and wrap in int32', () => {
    const values = Float32Array.from({ length: 10_003 }, (_, i) => 1 / (i + 1));
    let total = 0;
    const exact = values.map((v) => (total += v));
    const attrs = { axis: 0, exclusive: false, reverse: false };
    const [y] = run('strata-cpu', 'Cumsum', { x: { shape: [10_003], values } }, attrs);
    expect(y!.values).toEqual(exact);
    const x = { shape: [3], values: [2 ** 31 - 1, 1, 5], dtype: 'int32' } as const;
    const [wrapped] = run('strata-cpu', 'Cumsum', { x }, attrs);
    expect([...wrapped!.values]).toEqual([2 ** 31 - 1, -(2 ** 31), -(2 ** 31) + 5]);
  });

  it('positions of extremes', () => {
    for (const [shape, axis] of [
      [[1], 0],
      [[50], 0],
      [[7, 33], 0],
      [[7, 33], 1],
      [[2, 5, 40], 1],
      [[2, 5, 3], -1],
    ] as const) {
      agree('ArgMax', { x: operand(shape, 1) }, { axis });
      agree('ArgMin', { x: operand(shape, 2) }, { axis });
      for (const kernel of ['ArgMax', 'ArgMin']) {
        agree(kernel, { x: integers(shape, 3, 1000) }, { axis });
        agree(kernel, { x: bools(shape, 4) }, { axis });
      }
      // Few values: ties.
      const ties = integers(shape, 3, 3).values;
      agree('ArgMax', { x: { shape, values: ties } }, { axis });
      agree('ArgMin', { x: { shape, values: ties } }, { axis });
    }
    for (const values of [
      [NaN, 1, 2],
      [1, NaN, 2],
      [1, 2, NaN],
    ]) {
      agree('ArgMax', { x: { shape: [3], values } }, { axis: 0 });
    }
  });

  it.each([[[5]], [[3, 1]], [[4, 10]], [[130, 16]], [[2, 3, 100]], [[2, 1000]]])(
    'softmax of %j',
    (shape) => {
      agree('Softmax', { logits: operand(shape, 1, 5) }, { dim: -1 }, { tolerance: 2e-6 });
      const far = operand(shape, 2, 500);
      agree('Softmax', { logits: far }, { dim: shape.length - 1 }, { tolerance: 2e-6 });
    },
  );

  it('softmax of masked rows', () => {
    const values = [1, -Infinity, 2, -1e9, -Infinity, -Infinity, 0, 0];
    agree('Softmax', { logits: { shape: [2, 4], values } }, { dim: -1 }, { tolerance: 2e-6 });
  });
});
