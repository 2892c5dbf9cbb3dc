import { beforeAll, describe } from 'vitest';
import { testGoldenCases } from '../../test/golden-cases.js';
import { testEngine } from '../../test/test-engine.js';
import { use } from '../use.js';
import { avgPool2d, maxPool2d, type Pool2dOptions } from './index.js';

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

describe('pools, against PyTorch', () => {
  testGoldenCases(
    'pool',
    Object.fromEntries(
      Object.entries(options).flatMap(([name, o]) => [
        [`max${name}`, (x) => maxPool2d(x, o)],
        [`avg${name}`, (x) => avgPool2d(x, o)],
      ]),
    ),
  );
});
