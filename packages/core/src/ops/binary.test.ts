import { beforeAll, describe } from 'vitest';
import { testGoldenCases } from '../../test/golden-cases.js';
import { testEngine } from '../../test/test-engine.js';
import { tensor } from '../create.js';
import { tidy } from '../memory.js';
import { use } from '../use.js';
import * as ops from './index.js';

beforeAll(async () => void (await use(testEngine())));

describe('arithmetic, against PyTorch', () => {
  testGoldenCases('binary', {
    add: ops.add,
    sub: ops.sub,
    mul: ops.mul,
    div: ops.div,
    mod: ops.mod,
    pow: ops.pow,
    powOfZero: (x) => {
      const exponents = tensor([0, 1, 2, 3]);
      const y = ops.pow(x, exponents);
      exponents.dispose();
      return y;
    },
    maximum: ops.maximum,
    minimum: ops.minimum,
    squaredDifference: ops.squaredDifference,
    atan2: ops.atan2,
    floorDiv: ops.floorDiv,
    numberLeft: (x) => tidy(() => ops.sub(2, ops.div(3, x))),
    numberRight: (x) => tidy(() => ops.pow(ops.add(ops.mul(x, 2), 1), 3)),
  });
});
