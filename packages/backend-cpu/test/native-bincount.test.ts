// Counts of values and diagonals, against tfjs's own kernels.
import { closeBackends, use } from '@stratajs/core';
import '@tensorflow/tfjs-backend-cpu';
import { engine } from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cpu, type Isa } from '../src/index.js';
import { addon, isas, kernelsOf } from './addon.js';
import { agree, bools, integers, native, operand, run } from './both.js';

describe.runIf(addon).each(isas as Isa[])('counts on %s', (isa) => {
  beforeAll(async () => {
    await use(cpu({ tier: 'native', isa, threads: 2 }));
    Object.assign(engine().findBackend('cpu'), { firstUse: false });
    native().pool!.poison = true;
  });
  afterAll(closeBackends);

  const none = { shape: [0], values: [] };

  it.each([
    [[0]],
    [[1]],
    [[37]],
    [[5000]],
    [[0, 4]],
    [[3, 0]],
    [[1, 1]],
    [[7, 50]],
    [[300, 9]],
    [[4, 5, 3]],
  ])('of %j, weighted and not', (shape) => {
    const x = integers(shape, 1, 12);
    for (const size of [0, 1, 10, 40]) {
      const kernels = shape.length > 2 ? ['Bincount'] : ['Bincount', 'DenseBincount'];
      for (const kernel of kernels) {
        const attrs = { size, binaryOutput: false };
        agree(kernel, { x, weights: none }, attrs);
        agree(kernel, { x, weights: { ...none, dtype: 'int32' } }, attrs);
        const rough = { tolerance: 1e-5, floor: 10 };
        agree(kernel, { x, weights: operand(shape, 2) }, attrs, rough);
        agree(kernel, { x, weights: integers(shape, 3, 1000) }, attrs);
      }
      if (shape.length === 2) {
        agree('DenseBincount', { x, weights: none }, { size, binaryOutput: true });
      }
    }
  });

  it('whether values occur, in a single row, too', () => {
    const x = { shape: [5], values: [3, 1, 3, 9, 3], dtype: 'int32' } as const;
    const attrs = { size: 5, binaryOutput: true };
    const [y] = run('strata-cpu', 'DenseBincount', { x, weights: none }, attrs);
    expect([...y!.values]).toEqual([0, 1, 0, 1, 0]);
  });

  it('sums of weights are those of float64, and wrap in int32', () => {
    const x = { shape: [4], values: [1, 1, 1, 1], dtype: 'int32' } as const;
    const weights = { shape: [4], values: [1e8, 1, 1, -1e8] };
    const [y] = run('strata-cpu', 'Bincount', { x, weights }, { size: 2 });
    expect([...y!.values]).toEqual([0, 2]);
    const whole = { shape: [4], values: [2 ** 31 - 1, 1, 0, 5], dtype: 'int32' } as const;
    const [wrapped] = run('strata-cpu', 'Bincount', { x, weights: whole }, { size: 2 });
    expect([...wrapped!.values]).toEqual([0, -(2 ** 31) + 5]);
  });

  it('a NaN counts in its own place only', () => {
    const x = { shape: [3], values: [0, 1, 2], dtype: 'int32' } as const;
    const weights = { shape: [3], values: [NaN, Infinity, 1] };
    const [y] = run('strata-cpu', 'Bincount', { x, weights }, { size: 4 });
    expect([...y!.values]).toEqual([NaN, Infinity, 1, 0]);
  });

  it('refuses negative values, and leaves nothing behind', () => {
    const x = { shape: [2], values: [0, -1], dtype: 'int32' } as const;
    const before = native().numDataIds();
    expect(() => run('strata-cpu', 'Bincount', { x, weights: none }, { size: 4 })).toThrow(
      /values of at least 0; received -1 at 1/,
    );
    // The two inputs, which run() does not dispose then.
    expect(native().numDataIds()).toBe(before + 2);
    const { bincount } = kernelsOf(isa);
    const refused = expect.objectContaining({ code: 'STRATA_BAD_ARGUMENT' });
    const [ints, y] = [new Int32Array(6), new Float32Array(8)];
    expect(() => bincount!(ints, null, y, 2, 4, 4, 0)).toThrow(refused);
    expect(() => bincount!(ints, null, y, 2, 3, 5, 0)).toThrow(refused);
    expect(() => bincount!(ints, new Float32Array(5), y, 2, 3, 4, 0)).toThrow(refused);
    expect(() => bincount!(ints, ints, y, 2, 3, 4, 0)).toThrow(refused);
  });

  it('the same from one thread as from four', () => {
    const x = integers([3000, 40], 4, 30);
    const weights = operand([3000, 40], 5);
    const [one, four] = [1, 4].map((threads) => {
      addon!.setThreads(threads);
      return run('strata-cpu', 'DenseBincount', { x, weights }, { size: 30 })[0]!.values;
    });
    addon!.setThreads(2);
    expect(one).toEqual(four);
  });

  it.each([[[0]], [[1]], [[5]], [[2, 3]], [[70]]])('the diagonal matrix of %j', (shape) => {
    agree('Diag', { x: operand(shape, 6) });
    agree('Diag', { x: integers(shape, 7) });
    agree('Diag', { x: bools(shape, 8) });
  });
});
