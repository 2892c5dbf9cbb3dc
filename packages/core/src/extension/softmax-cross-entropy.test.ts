import { beforeAll, expect, it } from 'vitest';
import golden from '../../test/golden/extension.json' with { type: 'json' };
import { testEngine } from '../../test/test-engine.js';
import { grad, valueAndGrad, vjp } from '../autodiff/gradients.js';
import { tensor } from '../create.js';
import { ConfigError, ShapeError } from '../errors.js';
import { memory, tidy } from '../memory.js';
import { mul, sum } from '../ops/index.js';
import type { Tensor } from '../tensor.js';
import { use } from '../use.js';
import { softmaxCrossEntropy } from './softmax-cross-entropy.js';

beforeAll(async () => {
  await use(testEngine());
});

/** Asserts |actual − expected| ≤ 1e-6 + 1e-5·|expected|, element by element. */
async function expectClose(actual: Tensor, expected: readonly unknown[]): Promise<void> {
  const want = expected.flat(9) as number[];
  const got = Array.from((await actual.data()) as Float32Array);
  expect(got).toHaveLength(want.length);
  got.forEach((x, i) =>
    expect(Math.abs(x - want[i]!)).toBeLessThanOrEqual(1e-6 + 1e-5 * Math.abs(want[i]!)),
  );
}

it.each(golden.crossEntropy)(
  'agrees with PyTorch to second order (smoothing $labelSmoothing)',
  async (g) => {
    const { labelSmoothing } = g;
    const logits = tensor(g.logits);
    const labels = tensor(g.labels, [4], 'int32');
    const dy = tensor(g.dy);
    const direction = tensor(g.direction);
    const f = (x: Tensor): Tensor => softmaxCrossEntropy(x, labels, { labelSmoothing });

    await expectClose(f(logits), g.loss);
    const { pullback } = vjp(f, logits);
    await expectClose(pullback(dy)[0]!, g.grad);

    const along = (x: Tensor, w: Tensor): Tensor =>
      sum(mul(grad((z) => sum(mul(f(z), w)))(x), direction));
    const { grads } = valueAndGrad(along)(logits, dy);
    await expectClose(grads[0]!, g.second);
    await expectClose(grads[1]!, g.ofDy);
  },
);

it('stays finite where the softmax over- and underflows, and with classes masked by −∞', async () => {
  const logits = tensor([
    [3e38, -3e38, 0],
    [1e4, 1e4, -1e4],
    [0, -Infinity, 0],
  ]);
  const labels = tensor([0, 1, 2], [3], 'int32');
  const f = (x: Tensor): Tensor => sum(softmaxCrossEntropy(x, labels));
  await expectClose(softmaxCrossEntropy(logits, labels), [0, Math.LN2, Math.LN2]);
  await expectClose(grad(f)(logits), [0, 0, 0, 0.5, -0.5, 0, 0.5, 0, -0.5]);
});

it('gives NaN, in its row alone, for a label that is no class', async () => {
  const logits = tensor([
    [1, 2],
    [3, 4],
    [5, 6],
  ]);
  const labels = tensor([2, 0, -1], [3], 'int32');
  const loss = await softmaxCrossEntropy(logits, labels).data();
  const g = await grad((x) => sum(softmaxCrossEntropy(x, labels)))(logits).data();
  expect(Array.from(loss as Float32Array).map(Number.isNaN)).toEqual([true, false, true]);
  expect(Array.from(g as Float32Array).map(Number.isNaN)).toEqual([
    true,
    true,
    false,
    false,
    true,
    true,
  ]);
});

it('takes a batch of none', async () => {
  const loss = softmaxCrossEntropy(
    tensor(new Float32Array(0), [0, 3]),
    tensor(new Int32Array(0), [0]),
  );
  expect([loss.shape, await loss.array()]).toEqual([[0], []]);
});

it('leaks nothing, also when what follows throws', () => {
  const logits = tensor(golden.crossEntropy[1]!.logits);
  const labels = tensor([1, 2, 3, 4], [4], 'int32');
  const before = memory().numTensors;
  softmaxCrossEntropy(logits, labels, { labelSmoothing: 0.1 }).dispose();
  tidy(() => void grad((x) => sum(softmaxCrossEntropy(x, labels)))(logits));
  expect(() =>
    grad((x) => {
      softmaxCrossEntropy(x, labels);
      throw new Error('later');
    })(logits),
  ).toThrow('later');
  expect(memory().numTensors).toBe(before);
});

it('says what is wrong with an argument', () => {
  const logits = tensor([[1, 2]]);
  const labels = tensor([0], [1], 'int32');
  const call = (a: unknown, b: unknown, labelSmoothing?: number) => () =>
    softmaxCrossEntropy(
      a as Tensor,
      b as Tensor,
      labelSmoothing === undefined ? {} : { labelSmoothing },
    );
  expect(call(logits, tensor([0]))).toThrow(ShapeError);
  expect(call(logits, tensor([0]))).toThrow(/int32.*float32 tensor of shape \[1\].*cast/);
  expect(call(logits, tensor([[1, 0]]))).toThrow(/argMax/);
  expect(call(tensor([1, 2]), labels)).toThrow(/\[N, C\].*\[2\].*reshape/);
  expect(call(tensor([[1, 2]], [1, 2], 'int32'), labels)).toThrow(ShapeError);
  expect(call(logits, tensor([0, 1], [2], 'int32'))).toThrow(
    /one label for each row.*\[1, 2\].*\[2\]/,
  );
  expect(call(null, labels)).toThrow(ShapeError);
  expect(call(logits, labels, 1.5)).toThrow(ConfigError);
  expect(call(logits, labels, Number.NaN)).toThrow(ConfigError);
});
