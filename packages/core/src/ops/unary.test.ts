import { beforeAll, describe } from 'vitest';
import { testGoldenCases } from '../../test/golden-cases.js';
import { testEngine } from '../../test/test-engine.js';
import { use } from '../use.js';
import * as ops from './index.js';

beforeAll(async () => void (await use(testEngine())));

describe('functions of one argument, against PyTorch', () => {
  testGoldenCases('unary', {
    neg: ops.neg,
    abs: ops.abs,
    sign: ops.sign,
    square: ops.square,
    sqrt: ops.sqrt,
    rsqrt: ops.rsqrt,
    reciprocal: ops.reciprocal,
    exp: ops.exp,
    expm1: ops.expm1,
    log: ops.log,
    log1p: ops.log1p,
    sin: ops.sin,
    cos: ops.cos,
    tan: ops.tan,
    asin: ops.asin,
    acos: ops.acos,
    atan: ops.atan,
    sinh: ops.sinh,
    cosh: ops.cosh,
    asinh: ops.asinh,
    acosh: ops.acosh,
    atanh: ops.atanh,
    erf: ops.erf,
    floor: ops.floor,
    ceil: ops.ceil,
    round: ops.round,
    clip: (x) => ops.clip(x, -0.8, 0.5),
    addN: (...xs) => ops.addN(xs),
  });
});
