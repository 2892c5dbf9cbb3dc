import { beforeAll, describe } from 'vitest';
import { testGoldenCases } from '../../test/golden-cases.js';
import { testEngine } from '../../test/test-engine.js';
import { use } from '../use.js';
import * as ops from './index.js';

beforeAll(async () => void (await use(testEngine())));

describe('matrix products, against PyTorch', () => {
  testGoldenCases('matmul', {
    plain: (a, b) => ops.matmul(a, b),
    transposeA: (a, b) => ops.matmul(a, b, { transposeA: true }),
    transposeB: (a, b) => ops.matmul(a, b, { transposeB: true }),
    transposeBoth: (a, b) => ops.matmul(a, b, { transposeA: true, transposeB: true }),
    batch: (a, b) => ops.matmul(a, b),
    batchTransposed: (a, b) => ops.matmul(a, b, { transposeA: true, transposeB: true }),
    batchBroadcast: (a, b) => ops.matmul(a, b),
    batchLeft: (a, b) => ops.matmul(a, b),
    batchRight: (a, b) => ops.matmul(a, b),
    linear: ops.linear,
    linearDeep: ops.linear,
    linearVector: ops.linear,
    linearPlain: ops.linear,
  });
});
