import { grad, keep, ones, Rng, sum, type Tensor, tensor } from '@stratajs/core';
import { beforeAll, describe, expect, test } from 'vitest';
import * as L from '../src/index.js';
import { checkLayer } from './check-layer.js';
import { startEngine } from './engine.js';

beforeAll(startEngine);

describe('values and gradients are those of PyTorch', () => {
  test('Linear', () => checkLayer(new L.Linear(5, 3), 'linear'));
  test('Conv2d, strided and padded', () =>
    checkLayer(new L.Conv2d(3, 4, 3, { strides: 2, padding: 1 }), 'conv2d'));
  test('Conv2d, dilated, without bias', () =>
    checkLayer(new L.Conv2d(2, 3, [2, 3], { dilations: 2, bias: false }), 'conv2dDilated'));
  test('Conv2d, in groups', () =>
    checkLayer(new L.Conv2d(6, 9, 3, { strides: 2, padding: 1, groups: 3 }), 'conv2dGrouped'));
  test('Conv2d, a group for each channel, dilated', () =>
    checkLayer(
      new L.Conv2d(4, 8, [2, 3], { dilations: 2, bias: false, groups: 4 }),
      'conv2dByChannel',
    ));
  test('MaxPool2d', () => checkLayer(new L.MaxPool2d(2), 'maxPool2d'));
  test('MaxPool2d, overlapping and padded', () =>
    checkLayer(new L.MaxPool2d(3, { strides: 2, padding: 1 }), 'maxPool2dPadded'));
  test('AvgPool2d', () => checkLayer(new L.AvgPool2d(2), 'avgPool2d'));
  test('AvgPool2d, overlapping and padded', () =>
    checkLayer(new L.AvgPool2d(3, { strides: 2, padding: 1 }), 'avgPool2dPadded'));
  test('GlobalAvgPool2d', () => checkLayer(new L.GlobalAvgPool2d(), 'globalAvgPool2d'));
  test('ReLU', () => checkLayer(new L.ReLU(), 'ReLU'));
  test('LeakyReLU', () => checkLayer(new L.LeakyReLU(0.2), 'LeakyReLU'));
  test('PReLU, one slope', () => checkLayer(new L.PReLU(), 'PReLU'));
  test('PReLU, a slope per channel', () => checkLayer(new L.PReLU(5), 'PReLUPerChannel'));
  test('ELU', () => checkLayer(new L.ELU(), 'ELU'));
  test('SELU', () => checkLayer(new L.SELU(), 'SELU'));
  test('Sigmoid', () => checkLayer(new L.Sigmoid(), 'Sigmoid'));
  test('HardSigmoid', () => checkLayer(new L.HardSigmoid(), 'HardSigmoid'));
  test('Tanh', () => checkLayer(new L.Tanh(), 'Tanh'));
  test('Softplus', () => checkLayer(new L.Softplus(), 'Softplus'));
  test('GELU', () => checkLayer(new L.GELU(), 'GELU'));
  test('SiLU', () => checkLayer(new L.SiLU(), 'SiLU'));
  test('Softmax', () => checkLayer(new L.Softmax(), 'Softmax'));
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
