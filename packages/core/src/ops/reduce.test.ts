import { beforeAll, describe, expect, it } from 'vitest';
import { testGoldenCases } from '../../test/golden-cases.js';
import { testEngine } from '../../test/test-engine.js';
import { tensor } from '../create.js';
import type { Tensor } from '../tensor.js';
import { use } from '../use.js';
import * as ops from './index.js';

beforeAll(async () => void (await use(testEngine())));

describe('reductions, against PyTorch', () => {
  testGoldenCases('reduce', {
    sum: (x) => ops.sum(x),
    sumMiddle: (x) => ops.sum(x, { axis: 1 }),
    sumOuterKept: (x) => ops.sum(x, { axis: [0, -1], keepDims: true }),
    mean: (x) => ops.mean(x, { axis: [0, 1] }),
    meanAll: (x) => ops.mean(x),
    prod: (x) => ops.prod(x, { axis: -1 }),
    prodTwo: (x) => ops.prod(x, { axis: [0, 2] }),
    max: (x) => ops.max(x, { axis: 1 }),
    min: (x) => ops.min(x),
    variance: (x) => ops.variance(x, { axis: [0, 2] }),
    norm: (x) => ops.norm(x, { axis: 1 }),
    cumsum: (x) => ops.cumsum(x, 0),
    cumsumExclusive: (x) => ops.cumsum(x, 1, { exclusive: true }),
    cumsumReverse: (x) => ops.cumsum(x, -1, { reverse: true }),
    topK: (x) => {
      const { values, indices } = ops.topK(x, 2);
      indices.dispose();
      return values;
    },
  });
});

describe('reductions of other dtypes and of no axes', () => {
  it('count in int32, average in float32', async () => {
    const whole = tensor(
      [
        [1, 2],
        [3, 5],
      ],
      [2, 2],
      'int32',
    );
    const flags = tensor([
      [true, false],
      [true, true],
    ]);
    const cases: [Tensor, string, unknown][] = [
      [ops.sum(whole, { axis: 0 }), 'int32', [4, 7]],
      [ops.sum(flags), 'int32', 3],
      [ops.max(flags, { axis: 1 }), 'int32', [1, 1]],
      [ops.mean(whole, { axis: 1 }), 'float32', [1.5, 4]],
      [ops.mean(flags), 'float32', 0.75],
      [ops.variance(whole), 'float32', 2.1875],
      [ops.norm(tensor([3, 4], [2], 'int32')), 'float32', 5],
      [ops.prod(whole), 'int32', 30],
      [ops.all(flags, { axis: 0, keepDims: true }), 'bool', [[1, 0]]],
      [ops.any(flags), 'bool', 1],
      [ops.sum(tensor(true)), 'int32', 1],
      [ops.mean(tensor(2, [], 'int32')), 'float32', 2],
      [
        ops.max(whole, { axis: [] }),
        'int32',
        [
          [1, 2],
          [3, 5],
        ],
      ],
      [ops.argMax(whole), 'int32', [1, 1]],
      [ops.argMin(whole, 0), 'int32', [0, 0]],
      [ops.topK(whole, 1).indices, 'int32', [[1], [1]]],
    ];
    for (const [t, dtype, values] of cases) {
      expect(t.dtype).toBe(dtype);
      expect(await t.array()).toEqual(values);
    }
  });
});
