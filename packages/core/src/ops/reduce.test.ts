import { beforeAll, describe } from 'vitest';
import { testGoldenCases } from '../../test/golden-cases.js';
import { testEngine } from '../../test/test-engine.js';
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
