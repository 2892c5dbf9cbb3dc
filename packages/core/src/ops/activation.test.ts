import { beforeAll, describe } from 'vitest';
import { testGoldenCases } from '../../test/golden-cases.js';
import { testEngine } from '../../test/test-engine.js';
import { use } from '../use.js';
import * as ops from './index.js';

beforeAll(async () => void (await use(testEngine())));

describe('activations and softmax, against PyTorch', () => {
  testGoldenCases('activation', {
    relu: ops.relu,
    relu6: ops.relu6,
    leakyRelu: (x) => ops.leakyRelu(x, 0.2),
    prelu: ops.prelu,
    elu: ops.elu,
    selu: ops.selu,
    sigmoid: ops.sigmoid,
    tanh: ops.tanh,
    softplus: ops.softplus,
    gelu: (x) => ops.gelu(x),
    geluTanh: (x) => ops.gelu(x, { approximate: true }),
    silu: ops.silu,
    hardSigmoid: ops.hardSigmoid,
    softmaxLast: (x) => ops.softmax(x),
    softmaxFirst: (x) => ops.softmax(x, 0),
    softmaxMiddle: (x) => ops.softmax(x, 1),
    logSoftmax: (x) => ops.logSoftmax(x, 1),
    logSoftmaxFar: (x) => ops.logSoftmax(x),
    logSumExp: (x) => ops.logSumExp(x, [0, 2]),
    logSumExpKept: (x) => ops.logSumExp(x, 1, true),
  });
});
