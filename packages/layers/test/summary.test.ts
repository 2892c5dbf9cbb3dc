import { memory, type Parameter, Rng, ShapeError, type Tensor } from '@stratajs/core';
import { beforeAll, describe, expect, test } from 'vitest';
import {
  BatchNorm2d,
  Conv2d,
  Flatten,
  type Layer,
  Linear,
  MaxPool2d,
  Module,
  Sequential,
} from '../src/index.js';
import { startEngine } from './engine.js';

beforeAll(startEngine);

describe('summary', () => {
  const create = (): Sequential<readonly Layer[]> =>
    new Sequential<readonly Layer[]>(
      new Conv2d(1, 4, 3, { padding: 1, rng: new Rng(0) }),
      new BatchNorm2d(4),
      new MaxPool2d(2),
      new Flatten(),
      new Linear(64, 10, { rng: new Rng(0) }),
    );

  test('lists every layer, its output and its parameters', async () => {
    const model = create();
    model[0]!.freeze();
    model[2]!.eval();
    const before = memory().numTensors;
    const summary = model.summary([2, 8, 8, 1]);
    expect(memory().numTensors).toBe(before);
    expect(summary.rows).toEqual([
      { path: '', type: 'Sequential', outputShape: [2, 10], parameters: 0 },
      { path: '0', type: 'Conv2d', outputShape: [2, 8, 8, 4], parameters: 40 },
      { path: '1', type: 'BatchNorm2d', outputShape: [2, 8, 8, 4], parameters: 8 },
      { path: '2', type: 'MaxPool2d', outputShape: [2, 4, 4, 4], parameters: 0 },
      { path: '3', type: 'Flatten', outputShape: [2, 64], parameters: 0 },
      { path: '4', type: 'Linear', outputShape: [2, 10], parameters: 650 },
    ]);
    expect([summary.total, summary.trainable]).toEqual([698, 658]);
    // It ran in evaluation mode, and put every mode back.
    expect(await (model[1] as BatchNorm2d).runningVar.value.array()).toEqual([1, 1, 1, 1]);
    expect([...model].map((m) => m.training)).toEqual([true, true, false, true, true]);
  });

  test('prints as a table', () => {
    expect(String(create().summary([1, 8, 8, 1]))).toBe(
      [
        'layer    type         output shape  parameters',
        '----------------------------------------------',
        '(model)  Sequential   [1, 10]                -',
        '0        Conv2d       [1, 8, 8, 4]          40',
        '1        BatchNorm2d  [1, 8, 8, 4]           8',
        '2        MaxPool2d    [1, 4, 4, 4]           -',
        '3        Flatten      [1, 64]                -',
        '4        Linear       [1, 10]              650',
        '----------------------------------------------',
        '698 parameters, 698 trainable',
      ].join('\n'),
    );
  });

  test('counts a shared parameter once', () => {
    class Tied extends Module {
      a = new Linear(4, 4);
      b = new Linear(4, 4);
      constructor() {
        super();
        (this.b as { weight: Parameter }).weight = this.a.weight;
      }
      forward(x: Tensor): Tensor {
        return this.b.forward(this.a.forward(x));
      }
    }
    const summary = new Tied().summary([1, 4]);
    expect(summary.total).toBe(24);
    expect(summary.rows.map((r) => r.parameters)).toEqual([0, 20, 4]);
  });

  test('restores modes and hooks when the forward throws', () => {
    const model = create();
    expect(() => model.summary([1, 8, 8, 2])).toThrow(ShapeError);
    expect(() => model.summary([0] as never)).toThrow(/batch axis included/);
    expect(() => model.summary(undefined as never)).toThrow(ShapeError);
    expect(model.training).toBe(true);
  });
});
