import { unregisterKernel } from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { kernelsAfter, sameBits } from '../../../test/passed.js';
import { testEngine } from '../../../test/test-engine.js';
import { valueAndGrad } from '../../autodiff/gradients.js';
import { tensor } from '../../create.js';
import {
  add,
  conv2d,
  depthwiseConv2d,
  elu,
  linear,
  matmul,
  relu,
  relu6,
  reshape,
  sigmoid,
  sum,
  tanh,
  transpose,
} from '../../ops/index.js';
import { Rng } from '../../random/index.js';
import { State } from '../../state/state.js';
import type { Tensor } from '../../tensor.js';
import { closeBackends, use } from '../../use.js';
import { replayOf } from '../replay.js';
import { withEpilogues } from './epilogues.js';

beforeAll(async () => void (await use(testEngine('compiling', undefined, replayOf))));
afterAll(() => closeBackends());
const random = (...shape: number[]): Tensor => new Rng(shape.length).normal(shape);
const names = (fn: (...args: never[]) => unknown, ...args: Tensor[]): string[] =>
  kernelsAfter(withEpilogues, fn, ...args).map(({ name }) => name);

describe('epilogues', () => {
  it.each([
    ['relu', relu],
    ['relu6', relu6],
    ['elu', (x: Tensor) => elu(x)],
    ['sigmoid', sigmoid],
  ] as const)('bias and %s of products', async (activation, fn) => {
    const args = [random(4, 3), random(3, 5), random(5)];
    const step = (x: Tensor, w: Tensor, b: Tensor): Tensor[] => [fn(add(b, matmul(x, w)))];
    const { byKernel, leftOut } = await sameBits(step, ...args);
    expect(byKernel).toEqual({ _FusedMatMul: 1 });
    expect(leftOut.epilogues).toBe(2);
    const [call] = kernelsAfter(withEpilogues, step, ...args);
    expect(call).toMatchObject({ inputs: { a: 0, b: 1, bias: 2 }, attrs: { activation } });
  });

  it('without bias, with a bias that is there already, and with bias alone', async () => {
    const args = [random(4, 3), random(3, 5), random(5)];
    for (const fn of [
      (x: Tensor, w: Tensor) => [relu(matmul(x, w))],
      (x: Tensor, w: Tensor, b: Tensor) => [relu(linear(x, transpose(w), b))],
      (x: Tensor, w: Tensor, b: Tensor) => [add(matmul(x, w), b)],
    ]) {
      expect((await sameBits(fn, ...args)).byKernel).toEqual({ _FusedMatMul: 1 });
    }
  });

  it('of convolutions, full and by depth', async () => {
    const { byKernel } = await sameBits(
      (x: Tensor, full: Tensor, deep: Tensor, b: Tensor) => [
        relu6(add(conv2d(x, full, { padding: 'same' }), b)),
        sigmoid(depthwiseConv2d(x, deep)),
      ],
      random(2, 5, 5, 3),
      random(3, 3, 3, 4),
      random(2, 2, 3, 1),
      random(4),
    );
    expect(byKernel).toEqual({ FusedConv2D: 1, FusedDepthwiseConv2D: 1 });
  });

  it('beyond a Reshape that keeps the last axis', async () => {
    const [x, w, b] = [random(2, 3, 4), random(4, 5), random(5)];
    const step = (t: Tensor, f: Tensor, c: Tensor): Tensor[] => [relu(add(matmul(t, f), c))];
    const { byKernel } = await sameBits(step, x, w, b);
    expect(byKernel).toEqual({ Reshape: 2, _FusedMatMul: 1 });
    const other = (t: Tensor, f: Tensor, c: Tensor): Tensor[] => [
      add(reshape(matmul(t, f), [6, 2, 2]), c),
    ];
    expect(names(other, x, random(4, 4), random(2))).toContain('Add');
  });

  it('of States, in a training step', async () => {
    const [w, b] = [new State(random(3, 5)), new State(random(5))];
    const gradients = valueAndGrad((x: Tensor, f: Tensor, c: Tensor) =>
      sum(relu(add(matmul(x, f), c))),
    );
    const { byKernel } = await sameBits(
      (x: Tensor) => {
        const { value, grads } = gradients(x, w.value, b.value);
        return [value, ...grads];
      },
      random(4, 3),
    );
    expect(byKernel['_FusedMatMul']).toBe(1);
    expect(byKernel['Add'] ?? byKernel['Relu']).toBeUndefined();
  });

  it.each<[string, (x: Tensor, w: Tensor, b: Tensor) => unknown]>([
    ['what lies between is a result', (x, w, b) => ((y) => [y, add(y, b)])(matmul(x, w))],
    ['what lies between has two readers', (x, w, b) => ((y) => [add(y, b), sum(y)])(matmul(x, w))],
    ['one product is both operands', (x, w) => ((y) => add(y, y))(matmul(x, w))],
    ['the bias is a matrix', (x, w, b) => add(matmul(x, w), reshape(b, [1, 5]))],
    ['the bias is one number', (x, w) => add(matmul(x, w), 1)],
    ['the bias comes later', (x, w, b) => ((y) => add(y, tanh(b)))(matmul(x, w))],
    ['the activation is another', (x, w) => tanh(matmul(x, w))],
  ])('not where %s', (_, fn) => {
    const args = [random(4, 3), random(3, 5), random(5)];
    expect(names(fn, ...args)).toContain('BatchMatMul');
  });

  it('special values pass as they do through single kernels', async () => {
    const x = tensor([NaN, Infinity, -Infinity, -0, 1, -1], [6, 1]);
    const w = tensor([1, -1], [1, 2]);
    const b = tensor([0, -0]);
    for (const fn of [relu, relu6, elu, sigmoid] as const) {
      await sameBits((t) => [fn(add(matmul(t, w), b))], x);
    }
  });

  it('not of a bias after convolutions by depth, and nothing where a program is replayed', async () => {
    const [x, deep, bias] = [random(1, 4, 4, 3), random(2, 2, 3, 1), random(3)];
    const fn = (t: Tensor, d: Tensor, b: Tensor): Tensor[] => [add(depthwiseConv2d(t, d), b)];
    expect(names(fn, x, deep, bias)).toEqual(['DepthwiseConv2dNative', 'Add']);
    await use(testEngine());
    const [m, w] = [random(4, 3), random(3, 5)];
    const { byKernel } = await sameBits((a: Tensor, b: Tensor) => [relu(matmul(a, b))], m, w);
    expect(byKernel).toEqual({ BatchMatMul: 1, Relu: 1 });
    await use(testEngine('compiling', undefined, replayOf));
  });

  it('not on an engine without the fused kernel', async () => {
    const args = [random(4, 3), random(3, 5), random(5)];
    await closeBackends();
    await use(testEngine('unfused', () => unregisterKernel('_FusedMatMul', 'unfused')));
    const own = args.map((t) => tensor(new Float32Array(t.size), t.shape as number[]));
    expect(names((x: Tensor, w: Tensor, b: Tensor) => relu(add(matmul(x, w), b)), ...own)).toEqual([
      'BatchMatMul',
      'Add',
      'Relu',
    ]);
  });
});
