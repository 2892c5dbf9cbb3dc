import {
  add,
  assign,
  grad,
  keep,
  mul,
  ones,
  Rng,
  square,
  sum,
  type Tensor,
  tensor,
  valueAndGrad,
  vjp,
} from '@stratajs/core';
import { beforeAll, describe, expect, test } from 'vitest';
import * as L from '../src/index.js';
import { batchNormalize, batchStatistics } from '../src/batch-normalize.js';
import { startEngine } from './engine.js';
import { expectClose, fromGolden, type Golden, readGolden } from './golden-values.js';

type Case = Readonly<Record<string, Golden>>;
const golden = readGolden<Record<string, Case>>('layers');

beforeAll(startEngine);

/** Forward, gradient of the input and of every parameter, against PyTorch in float64. */
async function check(layer: L.Layer, name: string, tolerance?: number): Promise<void> {
  const g = golden[name]!;
  const dict: Record<string, Golden> = {};
  for (const [path] of layer.namedParameters()) dict[path] = g[path]!;
  layer.loadStateDict(dict, { strict: false });
  const x = fromGolden(g['x']!);
  const r = fromGolden(g['r']!);

  const { value, pullback } = vjp((x) => layer.forward(x), x);
  await expectClose(value, g['y']!, tolerance);
  await expectClose(pullback(r)[0]!, g['dx']!, tolerance);
  if (layer.parameters().length > 0) {
    const { grads } = valueAndGrad(() => sum(mul(layer.forward(x), r)), layer)();
    for (const [path, gradient] of Object.entries(grads))
      await expectClose(gradient, g[`d${path}`]!, tolerance);
  }
}

describe('values and gradients are those of PyTorch', () => {
  test('Linear', () => check(new L.Linear(5, 3), 'linear'));
  test('Conv2d, strided and padded', () =>
    check(new L.Conv2d(3, 4, 3, { strides: 2, padding: 1 }), 'conv2d'));
  test('Conv2d, dilated, without bias', () =>
    check(new L.Conv2d(2, 3, [2, 3], { dilations: 2, bias: false }), 'conv2dDilated'));
  test('MaxPool2d', () => check(new L.MaxPool2d(2), 'maxPool2d'));
  test('MaxPool2d, overlapping and padded', () =>
    check(new L.MaxPool2d(3, { strides: 2, padding: 1 }), 'maxPool2dPadded'));
  test('AvgPool2d', () => check(new L.AvgPool2d(2), 'avgPool2d'));
  test('AvgPool2d, overlapping and padded', () =>
    check(new L.AvgPool2d(3, { strides: 2, padding: 1 }), 'avgPool2dPadded'));
  test('GlobalAvgPool2d', () => check(new L.GlobalAvgPool2d(), 'globalAvgPool2d'));
  test('ReLU', () => check(new L.ReLU(), 'ReLU'));
  test('LeakyReLU', () => check(new L.LeakyReLU(0.2), 'LeakyReLU'));
  test('PReLU, one slope', () => check(new L.PReLU(), 'PReLU'));
  test('PReLU, a slope per channel', () => check(new L.PReLU(5), 'PReLUPerChannel'));
  test('ELU', () => check(new L.ELU(), 'ELU'));
  test('SELU', () => check(new L.SELU(), 'SELU'));
  test('Sigmoid', () => check(new L.Sigmoid(), 'Sigmoid'));
  test('HardSigmoid', () => check(new L.HardSigmoid(), 'HardSigmoid'));
  test('Tanh', () => check(new L.Tanh(), 'Tanh'));
  test('Softplus', () => check(new L.Softplus(), 'Softplus'));
  test('GELU', () => check(new L.GELU(), 'GELU'));
  test('SiLU', () => check(new L.SiLU(), 'SiLU'));
  test('Softmax', () => check(new L.Softmax(), 'Softmax'));
});

describe('BatchNorm2d', () => {
  const create = (): L.BatchNorm2d => new L.BatchNorm2d(3, { momentum: 0.2, epsilon: 1e-3 });

  test('in training: values, gradients through the statistics, running statistics', async () => {
    const g = golden['batchNorm2dTrain']!;
    const layer = create();
    await check(layer, 'batchNorm2dTrain', 2e-5);
    // check() ran the forward several times; the golden has one.
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
    await check(layer, 'batchNorm2dEval');
    await expectClose(layer.runningMean.value, runningMean!, 1e-7);
    await expectClose(layer.runningVar.value, runningVar!, 1e-7);
  });

  test('second derivatives', async () => {
    const g = golden['batchNorm2dSecondOrder']! as Case & { penalty: number };
    const [x, weight, bias, r] = ['x', 'weight', 'bias', 'r'].map((name) => fromGolden(g[name]!));
    const normalized = (x: Tensor, gamma: Tensor): Tensor =>
      batchNormalize(x, gamma, bias!, batchStatistics(x), 1e-5);
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

describe('Dropout', () => {
  test('drops a part `rate` in training, and keeps the expectation', async () => {
    const layer = new L.Dropout(0.3, { rng: new Rng(1) });
    const y = (await layer.forward(ones([10_000])).data()) as Float32Array;
    const dropped = y.filter((v) => v === 0).length;
    expect(y.every((v) => v === 0 || v === Math.fround(1 / 0.7))).toBe(true);
    // Four standard deviations of a binomial: 4·√(10000·0.3·0.7) = 183.
    expect(Math.abs(dropped - 3000)).toBeLessThan(183);
  });

  test('lets everything pass in evaluation, or at rate 0', async () => {
    const x = tensor([1, 2, 3]);
    expect(await new L.Dropout(0.9).eval().forward(x).array()).toEqual([1, 2, 3]);
    expect(await new L.Dropout(0).forward(x).array()).toEqual([1, 2, 3]);
  });

  test('its gradient is the mask that it drew', async () => {
    const layer = new L.Dropout(0.5, { rng: new Rng(2) });
    const x = tensor([1, 2, 3, 4, 5, 6, 7, 8]);
    let y: Tensor | undefined;
    const g = grad((x) => sum((y = keep(layer.forward(x)))))(x);
    const values = (await y!.array()) as number[];
    expect(await g.array()).toEqual(values.map((v) => (v === 0 ? 0 : 2)));
    expect(new Set(values).size).toBeGreaterThan(2);
  });

  test('two layers from one generator draw apart; a restored one repeats', async () => {
    const rng = new Rng(3);
    const [a, b] = [new L.Dropout(0.5, { rng }), new L.Dropout(0.5, { rng })];
    const x = ones([64]);
    const place = a.rng.state();
    const first = await a.forward(x).array();
    expect(await b.forward(x).array()).not.toEqual(first);
    expect(await a.forward(x).array()).not.toEqual(first);
    a.rng.restore(place);
    expect(await a.forward(x).array()).toEqual(first);
    expect([...new L.Sequential(a, b).namedRngs()].map(([path]) => path)).toEqual([
      '0.rng',
      '1.rng',
    ]);
  });
});

test('Flatten goes through an image row by row, channels fastest', async () => {
  const y = new L.Flatten().forward(
    tensor([
      [
        [
          [1, 2],
          [3, 4],
        ],
        [
          [5, 6],
          [7, 8],
        ],
      ],
    ]),
  );
  expect(await y.array()).toEqual([[1, 2, 3, 4, 5, 6, 7, 8]]);
  expect(new L.Flatten().forward(tensor([1, 2, 3])).shape).toEqual([3, 1]);
});

test('Identity and an empty Sequential give a tensor of their own', async () => {
  for (const layer of [new L.Identity(), new L.Sequential()]) {
    const x = tensor([1, 2]);
    const y = layer.forward(x);
    y.dispose();
    expect(await x.array()).toEqual([1, 2]);
  }
});

test('Sequential runs its layers in order, and gives access to each', async () => {
  const model = new L.Sequential(new L.Linear(2, 2, { bias: false }), new L.ReLU());
  model.layers[0].loadStateDict({
    weight: tensor([
      [1, 0],
      [0, -1],
    ]),
  });
  expect(await model.forward(tensor([[3, 5]])).array()).toEqual([[3, 0]]);
  expect(model[1]).toBe(model.layers[1]);
  expect(model.length).toBe(2);
  expect([...model]).toEqual(model.layers);
});
