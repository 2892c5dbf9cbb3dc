import { beforeAll, describe, expect, it } from 'vitest';
import { testEngine } from '../../test/test-engine.js';
import { grad, valueAndGrad } from '../autodiff/gradients.js';
import { ones, tensor, zeros } from '../create.js';
import { ConfigError, ShapeError } from '../errors.js';
import { memory, tidy } from '../memory.js';
import { add, mul, square, sub, sum } from '../ops/index.js';
import type { Tensor } from '../tensor.js';
import { use } from '../use.js';
import { batchNorm } from './batch-norm.js';
import { groupNorm } from './group-norm.js';
import { layerNorm } from './layer-norm.js';

beforeAll(async () => void (await use(testEngine())));

const near = async (actual: Tensor, expected: readonly number[]): Promise<void> => {
  const values = Array.from((await actual.data()) as Float32Array);
  expect(values).toHaveLength(expected.length);
  values.forEach((v, i) => expect(v).toBeCloseTo(expected[i]!, 5));
};

describe('batchNorm, layerNorm, groupNorm', () => {
  it('take their statistics over different axes', async () => {
    const x = tensor([
      [1, 2, 3, 8],
      [3, 0, 3, 4],
    ]);
    const { y, mean, variance } = batchNorm(x, { epsilon: 0.25 });
    await near(mean, [2, 1, 3, 6]);
    await near(variance, [1, 1, 0, 4]);
    const [a, b] = [1 / Math.sqrt(1.25), 2 / Math.sqrt(4.25)];
    await near(y, [-a, a, 0, b, a, -a, 0, -b]);

    const rows = layerNorm(x, 4, { epsilon: 0 });
    const [c, d] = [Math.sqrt(7.25), Math.sqrt(2.25)]; // means 3.5 and 2.5
    await near(rows, [
      ...[-2.5, -1.5, -0.5, 4.5].map((v) => v / c),
      ...[0.5, -2.5, 0.5, 1.5].map((v) => v / d),
    ]);
    await near(groupNorm(x, 2, { epsilon: 0 }), [-1, 1, -1, 1, 1, -1, -1, 1]);
    await near(groupNorm(x, 4), [0, 0, 0, 0, 0, 0, 0, 0]);
  });

  it('scale and shift by the shape that is normalized', async () => {
    const x = tensor([
      [
        [1, 3],
        [5, 7],
      ],
    ]);
    const weight = tensor([
      [1, 2],
      [3, 4],
    ]);
    const bias = tensor([
      [0, 0],
      [1, 1],
    ]);
    const s = Math.sqrt(5);
    await near(layerNorm(x, [2, 2], { weight, bias, epsilon: 0 }), [
      -3 / s,
      -2 / s,
      1 + 3 / s,
      1 + 12 / s,
    ]);
  });

  it('take an empty batch', async () => {
    const x = zeros([0, 3]);
    expect(layerNorm(x, 3).shape).toEqual([0, 3]);
    expect(groupNorm(x, 1).shape).toEqual([0, 3]);
    const weight = ones([3]);
    const { grads } = valueAndGrad((x, weight) => sum(layerNorm(x, 3, { weight })))(x, weight);
    expect(grads[0]!.shape).toEqual([0, 3]);
    expect(await grads[1]!.array()).toEqual([0, 0, 0]);
  });

  it('have third derivatives', async () => {
    // Of two values with difference d, the first is d/2 / √(d²/4 + ε): differentiate that three times.
    const value = (t: number): number => t / Math.sqrt(t * t + 1);
    const h = 1e-2;
    const third =
      (value(0.4 + 2 * h) - 2 * value(0.4 + h) + 2 * value(0.4 - h) - value(0.4 - 2 * h)) /
      (2 * h ** 3);
    const pick = tensor([[1, 0]]);
    const f = (t: Tensor): Tensor => {
      const x = mul(tensor([[1, -1]]), t);
      return sum(mul(layerNorm(x, 2, { epsilon: 1 }), pick));
    };
    const at = tensor(0.4);
    const derivative = grad((t) => grad((u) => grad(f)(u))(t))(at);
    expect(await derivative.array()).toBeCloseTo(third, 2);
  });

  it('pass gradients through the statistics that batchNorm gives', async () => {
    const x = tensor([[1], [2], [6]]);
    const { grads } = valueAndGrad((x) => {
      const { mean, variance } = batchNorm(x);
      return add(sum(square(mean)), sum(variance));
    })(x);
    // 2·mean/3 + 2·(x − mean)/3, mean 3
    await near(grads[0]!, [2 / 3, 4 / 3, 4]);
  });

  it('leak nothing, also when what follows throws', () => {
    const x = tensor([
      [1, 2],
      [3, 5],
    ]);
    const before = memory().numTensors;
    tidy(() => {
      batchNorm(x);
      grad((x) => sum(square(sub(batchNorm(x).y, layerNorm(x, 2)))))(x);
    });
    layerNorm(x, 2).dispose();
    groupNorm(x, 2).dispose();
    expect(() =>
      grad((x) => {
        layerNorm(x, 2);
        throw new Error('later');
      })(x),
    ).toThrow('later');
    expect(memory().numTensors).toBe(before);
  });
});

it.each([
  ['an integer tensor', () => batchNorm(zeros([2, 2], 'int32')), ShapeError, /float32.*cast/],
  ['no tensor', () => layerNorm([1] as never, 1), ShapeError, /argument x of layerNorm/],
  ['one axis', () => batchNorm(zeros([2])), ShapeError, /two axes.*\[2\]/],
  ['one axis', () => groupNorm(zeros([2]), 1), ShapeError, /two axes.*\[2\]/],
  ['no values', () => batchNorm(zeros([0, 2])), ShapeError, /at least one value.*\[0, 2\]/],
  ['groups that do not divide', () => groupNorm(zeros([1, 6]), 4), ConfigError, /6.*4/],
  ['no shape', () => layerNorm(zeros([1, 6]), []), ConfigError, /normalizedShape/],
  [
    'another shape',
    () => layerNorm(zeros([1, 6]), [1, 5]),
    ShapeError,
    /\[\.\.\., 1, 5\].*\[1, 6\]/,
  ],
  [
    'a weight of another shape',
    () => layerNorm(zeros([1, 6]), 6, { weight: zeros([1, 6]) }),
    ShapeError,
    /weight of layerNorm.*\[6\].*\[1, 6\].*reshape/,
  ],
  [
    'a bias per row',
    () => batchNorm(zeros([3, 2]), { bias: zeros([3]) }),
    ShapeError,
    /\[2\].*\[3\]/,
  ],
  [
    'a negative epsilon',
    () => batchNorm(zeros([3, 2]), { epsilon: -1 }),
    ConfigError,
    /epsilon.*-1/,
  ],
])('%s is refused', (_, call, kind, message) => {
  expect(call).toThrow(kind);
  expect(call).toThrow(message);
});
