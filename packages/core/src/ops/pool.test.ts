import { beforeAll, describe, expect, it } from 'vitest';
import { testGoldenCases } from '../../test/golden-cases.js';
import { testEngine } from '../../test/test-engine.js';
import { use } from '../use.js';
import { tensor } from '../create.js';
import {
  adaptiveAvgPool2d,
  adaptiveMaxPool2d,
  adaptiveMaxPool2dWithIndices,
} from '../extension/index.js';
import { memory } from '../memory.js';
import type { Tensor } from '../tensor.js';
import {
  avgPool2d,
  expandDims,
  flatten,
  gatherNd,
  maxPool2d,
  maxPool2dWithIndices,
  type Pool2dOptions,
  type PooledMaxima,
} from './index.js';

beforeAll(async () => void (await use(testEngine())));

const options: Record<string, Pool2dOptions> = {
  Valid: { kernelSize: 2 },
  Overlapping: { kernelSize: [3, 2], strides: [2, 1] },
  Same: { kernelSize: 3, strides: 2, padding: 'same' },
  Pairs: {
    kernelSize: [2, 3],
    strides: 2,
    padding: [
      [1, 0],
      [0, 2],
    ],
  },
};

const sizes: Record<string, number | readonly [number, number]> = {
  '': [2, 3],
  Whole: 1,
  Larger: [7, 8],
};

describe('pools, against PyTorch', () => {
  testGoldenCases('pool', {
    ...Object.fromEntries(
      Object.entries(options).flatMap(([name, o]) => [
        [`max${name}`, (x) => maxPool2d(x, o)],
        [`avg${name}`, (x) => avgPool2d(x, o)],
      ]),
    ),
    ...Object.fromEntries(
      Object.entries(sizes).flatMap(([name, size]) => [
        [`adaptiveMax${name}`, (x) => adaptiveMaxPool2d(x, size)],
        [`adaptiveAvg${name}`, (x) => adaptiveAvgPool2d(x, size)],
      ]),
    ),
    maxIndexed: (x) => {
      const { values, indices } = maxPool2dWithIndices(x, { kernelSize: [3, 2], strides: 2 });
      indices.dispose();
      return values;
    },
  });
});

describe('indices of maxima', () => {
  const image = (): Tensor =>
    tensor(
      Float32Array.from({ length: 2 * 5 * 6 * 3 }, (_, i) => (i * 37) % 11),
      [2, 5, 6, 3],
    );
  const pools: Record<string, (x: Tensor) => PooledMaxima> = {
    maxPool2dWithIndices: (x) => maxPool2dWithIndices(x, { kernelSize: 3, strides: 2, padding: 1 }),
    adaptiveMaxPool2dWithIndices: (x) => adaptiveMaxPool2dWithIndices(x, [3, 4]),
  };
  it.each(Object.entries(pools))('of %s find the values in x', async (_, pool) => {
    const x = image();
    const before = memory().numTensors;
    const { values, indices } = pool(x);
    expect(memory().numTensors).toBe(before + 2);
    expect([indices.dtype, indices.shape]).toEqual(['int32', values.shape]);
    const found = gatherNd(flatten(x), expandDims(indices, -1));
    expect(await found.array()).toEqual(await values.array());
  });

  it('are those of the first of equal ones', async () => {
    const level = tensor(new Float32Array(16), [1, 4, 4, 1]);
    const whole = maxPool2dWithIndices(level, { kernelSize: 2 });
    expect([...(await whole.indices.data())]).toEqual([0, 2, 8, 10]);
    const adaptive = adaptiveMaxPool2dWithIndices(level, [3, 1]);
    expect([...(await adaptive.indices.data())]).toEqual([0, 4, 8]);
  });
});
