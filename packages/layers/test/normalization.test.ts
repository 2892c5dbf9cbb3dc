import {
  add,
  assign,
  batchNorm,
  grad,
  mul,
  ones,
  reshape,
  Rng,
  square,
  sub,
  sum,
  type Tensor,
  tensor,
  valueAndGrad,
  zeros,
} from '@stratajs/core';
import { beforeAll, describe, expect, test } from 'vitest';
import * as L from '../src/index.js';
import { type Case, checkLayer, golden } from './check-layer.js';
import { startEngine } from './engine.js';
import { expectClose, fromGolden } from './golden-values.js';

beforeAll(startEngine);

describe('values and gradients are those of PyTorch', () => {
  test('LayerNorm', () => checkLayer(new L.LayerNorm(5), 'layerNorm'));
  test('GroupNorm', () => checkLayer(new L.GroupNorm(2, 6, { epsilon: 1e-3 }), 'groupNorm'));
  test('InstanceNorm2d', () => checkLayer(new L.InstanceNorm2d(3), 'instanceNorm2d'));
  test('InstanceNorm2d, affine', () =>
    checkLayer(new L.InstanceNorm2d(3, { affine: true }), 'instanceNorm2dAffine'));
});

describe('BatchNorm2d', () => {
  const create = (): L.BatchNorm2d => new L.BatchNorm2d(3, { momentum: 0.2, epsilon: 1e-3 });

  test('in training: values, gradients through the statistics, running statistics', async () => {
    const g = golden['batchNorm2dTrain']!;
    const layer = create();
    await checkLayer(layer, 'batchNorm2dTrain', 2e-5);
    // checkLayer() ran the forward several times; the golden has one.
    assign(layer.runningMean, tensor([0, 0, 0]));
    assign(layer.runningVar, tensor([1, 1, 1]));
    layer.forward(fromGolden(g['x']!));
    await expectClose(layer.runningMean.value, g['runningMean']!);
    await expectClose(layer.runningVar.value, g['runningVar']!);
  });

  test('in evaluation: the running statistics, which stay', async () => {
    const layer = create().eval();
    const { runningMean, runningVar } = golden['batchNorm2dTrain']!;
    layer.loadStateDict({ runningMean: runningMean!, runningVar: runningVar! }, { strict: false });
    await checkLayer(layer, 'batchNorm2dEval');
    await expectClose(layer.runningMean.value, runningMean!, 1e-7);
    await expectClose(layer.runningVar.value, runningVar!, 1e-7);
  });

  test('second derivatives', async () => {
    const g = golden['batchNorm2dSecondOrder']! as Case & { penalty: number };
    const [x, weight, bias, r] = ['x', 'weight', 'bias', 'r'].map((name) => fromGolden(g[name]!));
    const normalized = (x: Tensor, gamma: Tensor): Tensor =>
      batchNorm(x, { weight: gamma, bias: bias! }).y;
    const { value, grads } = valueAndGrad((x, gamma, r) => {
      const first = valueAndGrad((x, gamma) => sum(mul(normalized(x, gamma), r)))(x, gamma).grads;
      return add(sum(square(first[0]!)), sum(square(first[1]!)));
    })(x!, weight!, r!);
    expect(await value.array()).toBeCloseTo(g.penalty, 3);
    await expectClose(grads[0]!, g['ddx']!, 2e-4);
    await expectClose(grads[1]!, g['ddweight']!, 2e-4);
    await expectClose(grads[2]!, g['ddr']!, 2e-4);
  });

  test('a batch with a NaN leaves the running statistics as they were', async () => {
    const layer = create();
    const x = new Float32Array(24).fill(1);
    x[4] = NaN; // channel 1
    layer.forward(tensor(x, [2, 2, 2, 3]));
    expect(await layer.runningMean.value.array()).toEqual([Math.fround(0.2), 0, Math.fround(0.2)]);
    expect(((await layer.runningVar.value.array()) as number[])[1]).toBe(1);
  });
});

test('BatchNorm1d: values, gradients, running statistics, evaluation', async () => {
  const g = golden['batchNorm1dTrain']!;
  const layer = new L.BatchNorm1d(4, { momentum: 0.2 });
  await checkLayer(layer, 'batchNorm1dTrain', 2e-5);
  assign(layer.runningMean, zeros([4]));
  assign(layer.runningVar, ones([4]));
  layer.forward(fromGolden(g['x']!));
  await expectClose(layer.runningMean.value, g['runningMean']!);
  await expectClose(layer.runningVar.value, g['runningVar']!);
  // The statistics are the same however the batch and length axes are divided.
  const x = fromGolden(g['x']!);
  await expectClose(reshape(layer.forward(reshape(x, [15, 4])), [5, 3, 4]), g['y']!);
  const y = layer.eval().forward(ones([1, 4]));
  const [mean, variance] = [
    await layer.runningMean.value.data(),
    await layer.runningVar.value.data(),
  ];
  const [weight, bias] = [await layer.weight.value.data(), await layer.bias.value.data()];
  const expected = Array.from(
    weight as Float32Array,
    (w, c) =>
      (w * (1 - (mean[c] as number))) / Math.sqrt((variance[c] as number) + 1e-5) +
      (bias[c] as number),
  );
  await expectClose(y, { shape: [1, 4], data: expected });
});

test('LayerNorm over two axes, and without a scale and shift', async () => {
  const x = tensor([
    [
      [1, 2],
      [3, 6],
    ],
  ]);
  const sigma = Math.sqrt(3.5 + 1e-5); // mean 3
  const data = [-2 / sigma, -1 / sigma, 0, 3 / sigma];
  for (const affine of [true, false]) {
    const layer = new L.LayerNorm([2, 2], { affine });
    expect(layer.parameters().map((p) => p.shape)).toEqual(
      affine
        ? [
            [2, 2],
            [2, 2],
          ]
        : [],
    );
    await expectClose(layer.forward(x), { shape: [1, 2, 2], data });
  }
});

test.each([
  ['LayerNorm', () => new L.LayerNorm(4), [2, 3, 4]],
  ['GroupNorm', () => new L.GroupNorm(2, 4), [2, 3, 4]],
  ['BatchNorm1d', () => new L.BatchNorm1d(4), [2, 3, 4]],
  ['InstanceNorm2d', () => new L.InstanceNorm2d(4), [2, 2, 3, 4]],
] as const)(
  '%s has second derivatives: a gradient penalty by finite differences',
  async (_, create, shape) => {
    const layer = create();
    const rng = new Rng(5);
    const [x, r, v] = [rng.normal(shape), rng.normal(shape), rng.normal(shape)];
    const penalty = (x: Tensor): Tensor =>
      sum(square(grad((x) => sum(mul(square(layer.forward(x)), r)))(x)));
    const along = (await sum(mul(grad(penalty)(x), v)).array()) as number;
    const at = async (h: number): Promise<number> =>
      (await penalty(add(x, mul(v, h))).array()) as number;
    const h = 1e-3;
    const measured = ((await at(h)) - (await at(-h))) / (2 * h);
    expect(Math.abs(along - measured)).toBeLessThan(2e-2 * Math.max(1, Math.abs(measured)));
  },
);

test('each normalization learns the scale and shift of a teacher', async () => {
  const x = new Rng(6).normal([16, 4, 4, 6]);
  for (const layer of [
    new L.LayerNorm(6),
    new L.GroupNorm(3, 6),
    new L.BatchNorm2d(6),
    new L.InstanceNorm2d(6, { affine: true }),
  ]) {
    const goal = add(mul(layer.forward(x), tensor([2.5, 1, -1, 0.3, 2, 4])), 0.5);
    const gradients = valueAndGrad(() => L.losses.meanSquaredError(layer.forward(x), goal), layer);
    const losses: number[] = [];
    for (let step = 0; step < 60; step++) {
      const { value, grads } = gradients();
      losses.push((await value.array()) as number);
      for (const [path, parameter] of layer.namedParameters())
        assign(parameter, sub(parameter.value, mul(grads[path]!, 1)));
    }
    expect(losses[0]!).toBeGreaterThan(2);
    expect(losses.at(-1)!).toBeLessThan(1e-3);
  }
});
