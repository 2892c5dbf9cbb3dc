import {
  ConfigError,
  memory,
  mul,
  ShapeError,
  sum,
  type Tensor,
  tensor,
  tidy,
  valueAndGrad,
  zeros,
} from '@stratajs/core';
import { beforeAll, describe, expect, test } from 'vitest';
import { losses } from '../src/index.js';
import { startEngine } from './engine.js';
import { expectClose, fromGolden, type Golden, readGolden } from './golden-values.js';

interface Reduced {
  readonly value: Golden;
  readonly r: Golden;
  readonly gradient: Golden;
}
interface Case extends Readonly<Record<losses.Reduction, Reduced>> {
  readonly loss: string;
  readonly options: object;
  readonly prediction: Golden;
  readonly target: Golden;
}
const golden = readGolden<Record<string, Case>>('losses');
type Loss = (prediction: Tensor, target: Tensor, options?: object) => Tensor;
const byName = { ...losses } as unknown as Readonly<Record<string, Loss>>;

beforeAll(startEngine);

const labelled = new Set(['crossEntropy', 'negativeLogLikelihood']);

for (const [name, g] of Object.entries(golden)) {
  test.each(['mean', 'sum', 'none'] as const)(
    `${name}, %s: value and gradient are PyTorch's`,
    async (reduction) => {
      const loss = byName[g.loss]!;
      const prediction = fromGolden(g.prediction);
      const target = labelled.has(g.loss)
        ? tensor(g.target.data, g.target.shape, 'int32')
        : fromGolden(g.target);
      const options = { ...g.options, reduction };
      const { value, r, gradient } = g[reduction];
      const weights = fromGolden(r);

      const before = memory().numTensors;
      await expectClose(
        tidy(() => loss(prediction, target, options)),
        value,
      );
      const result = valueAndGrad((p) => sum(mul(loss(p, target, options), weights)))(prediction);
      await expectClose(result.grads[0]!, gradient);
      result.grads[0]!.dispose();
      result.value.dispose();
      loss(prediction, target, options).dispose();
      // The first value of each test is read outside its tidy: one tensor.
      expect(memory().numTensors).toBe(before + 1);
    },
  );
}

const pairs = Object.entries(byName).filter(([name]) => !labelled.has(name));

describe('wrong input', () => {
  test.each(pairs)('%s broadcasts nothing', (_, loss) => {
    const before = memory().numTensors;
    const [a, b] = [zeros([3, 1]), zeros([3])];
    expect(() => loss(a, b)).toThrow(ShapeError);
    expect(() => loss(a, b)).toThrow(
      /of one shape\. Received: a float32 tensor of shape \[3, 1\] and .* \[3\]/,
    );
    expect(() => loss(a, tensor([[1], [2], [3]], [3, 1], 'int32'))).toThrow(ShapeError);
    expect(() => loss(a, null as never)).toThrow(ShapeError);
    expect(() => loss(zeros([0, 2]), zeros([0, 2]))).toThrow(/empty batch/);
    a.dispose();
    b.dispose();
    expect(memory().numTensors).toBeLessThanOrEqual(before + 5);
  });

  test.each([...labelled])('%s takes [N, C] and int32 [N]', (name) => {
    const loss = byName[name]!;
    const labels = tensor([0, 1], [2], 'int32');
    expect(() => loss(zeros([3, 4]), labels)).toThrow(ShapeError);
    expect(() => loss(zeros([2]), labels)).toThrow(
      /expects float32 \[N, C\] and int32 labels \[N\]/,
    );
    expect(() => loss(zeros([2, 4]), tensor([0, 1]))).toThrow(ShapeError);
    expect(() => loss(zeros([2, 4]), zeros([2, 4]))).toThrow(/argMax/);
    expect(() => loss(zeros([0, 4]), zeros([0], 'int32'))).toThrow(/empty batch/);
  });

  test('options are checked', () => {
    const [a, b] = [zeros([2, 2]), zeros([2, 2])];
    expect(() => losses.meanSquaredError(a, b, { reducton: 'sum' } as never)).toThrow(
      /Did you mean 'reduction'/,
    );
    expect(() => losses.meanSquaredError(a, b, { reduction: 'avg' as never })).toThrow(ConfigError);
    expect(() => losses.huber(a, b, { delta: 0 })).toThrow(/positive number. Received: number 0/);
    const labels = tensor([0, 1], [2], 'int32');
    expect(() => losses.crossEntropy(a, labels, { labelSmoothing: 1.5 })).toThrow(/\[0, 1\]/);
  });
});

test('crossEntropy of scores of any size is finite', async () => {
  const logits = tensor([
    [1e4, -1e4],
    [-1e4, 1e4],
  ]);
  const labels = tensor([0, 0], [2], 'int32');
  const [right, wrong] = await losses.crossEntropy(logits, labels, { reduction: 'none' }).data();
  expect(right).toBeCloseTo(0, 10);
  expect(wrong).toBe(2e4);
});

test('negativeLogLikelihood: −∞ elsewhere does no harm, a label out of range gives NaN', async () => {
  const logP = tensor([
    [-1, -Infinity],
    [-1, -2],
  ]);
  const labels = tensor([0, 2], [2], 'int32');
  const none = await losses.negativeLogLikelihood(logP, labels, { reduction: 'none' }).array();
  expect(none).toEqual([1, NaN]);
});

test('klDivergence: a class that neither distribution has adds nothing', async () => {
  const value = losses.klDivergence(tensor([[0, -Infinity]]), tensor([[1, 0]]));
  expect(await value.array()).toBe(0);
});

test('binaryCrossEntropy stays exact where a sigmoid rounds to 1', async () => {
  const value = losses.binaryCrossEntropy(tensor([30]), tensor([1]));
  expect((await value.array()) as number).toBeCloseTo(Math.exp(-30), 18);
});
