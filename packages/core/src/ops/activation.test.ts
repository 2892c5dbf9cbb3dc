import { beforeAll, describe, expect, it } from 'vitest';
import { testGoldenCases } from '../../test/golden-cases.js';
import { testEngine } from '../../test/test-engine.js';
import { grad } from '../autodiff/gradients.js';
import { tensor } from '../create.js';
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

it('selu has a gradient as long as eˣ has digits', async () => {
  const at = [-1, -20, -46, -80];
  const dx = (await grad((x) => ops.sum(ops.selu(x)))(tensor(at)).data()) as Float32Array;
  at.forEach((x, i) => {
    const expected = 1.0507009873554805 * 1.6732632423543772 * Math.exp(x);
    expect(Math.abs(dx[i]! / expected - 1), `at ${x}`).toBeLessThan(1e-6);
  });
});
