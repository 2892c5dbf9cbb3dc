import { ConfigError, memory, ShapeError, tensor } from '@stratajs/core';
import { Linear, losses, Module } from '@stratajs/layers';
import { Adam, SGD } from '@stratajs/optimizers';
import { beforeAll, describe, expect, test } from 'vitest';
import { type Batches, metrics, Trainer, type TrainerOptions } from '../src/index.js';
import { useTestEngine } from './engine.js';
import { RowBatches, toyLoader, toyModel } from './toy.js';

beforeAll(useTestEngine);

function options(): TrainerOptions {
  const model = toyModel();
  return {
    model,
    optimizer: new SGD(model, { learningRate: 0.1 }),
    loss: losses.crossEntropy,
    progress: false,
  };
}

const make = (extra: object = {}): Trainer => new Trainer({ ...options(), ...extra });

describe('batches', () => {
  const rows = (x: number[][], y: number[]): RowBatches =>
    new RowBatches([{ x, y, yType: 'int32' }]);

  test.each([
    [
      'more labels than rows',
      () => rows([[1, 2, 3, 4]], [0, 1]),
      ShapeError,
      /as many samples.*\[1, 4\], y .*\[2\]/,
    ],
    ['no rows', () => new RowBatches([{ x: [], y: [] }]), ShapeError, /at least one/],
    ['the wrong width', () => rows([[1, 2, 3]], [0]), ShapeError, /Linear/],
    ['no batch at all', () => new RowBatches([]), ConfigError, /at least one batch/],
    [
      'things that are no batches',
      () => Object.assign(new RowBatches([]), { epoch: () => [{ x: 1 }] }),
      ShapeError,
      /Received: x number 1, y undefined/,
    ],
    [
      'null for a batch',
      () => Object.assign(new RowBatches([]), { epoch: () => [null] }),
      ShapeError,
      /batches \{ x, y \}/,
    ],
  ])('fit() and evaluate() refuse %s', async (_, source, type, message) => {
    const trainer = make();
    const before = memory().numTensors;
    for (const call of [
      () => trainer.fit(source(), { epochs: 1 }),
      () => trainer.evaluate(source()),
    ]) {
      await expect(call()).rejects.toThrow(type);
      await expect(call()).rejects.toThrow(message);
    }
    expect(memory().numTensors).toBe(before);
  });

  test.each([
    ['a tensor', () => tensor([1])],
    ['a number', () => 3],
    ['nothing', () => undefined],
  ])('evaluate() refuses %s', async (_, bad) => {
    await expect(make().evaluate(bad() as unknown as Batches)).rejects.toThrow(
      /evaluate\(\) takes batches/,
    );
  });
});

describe('what the parts return', () => {
  test('a loss that is no scalar', async () => {
    const perSample = make({
      loss: (o: never, t: never) => losses.crossEntropy(o, t, { reduction: 'none' }),
    });
    await expect(perSample.fit(toyLoader(), { epochs: 1 })).rejects.toThrow(
      /A loss is a scalar.*\[5\]/,
    );
    await expect(perSample.evaluate(toyLoader())).rejects.toThrow(/A loss is a scalar.*\[5\]/);
    const none = make({ loss: () => {} });
    await expect(none.fit(toyLoader(), { epochs: 1 })).rejects.toThrow(/must return a tensor/);
    await expect(none.evaluate(toyLoader())).rejects.toThrow(ShapeError);
  });

  test('a model with several outputs', async () => {
    class Two extends Module {
      readonly layer: Linear = new Linear(4, 3);
      forward(): unknown {
        return [1, 2];
      }
    }
    const model = new Two();
    const trainer = make({ model, optimizer: new Adam(model) });
    await expect(trainer.fit(toyLoader(), { epochs: 1 })).rejects.toThrow(
      /one tensor to one tensor.*an array of 2/,
    );
    await expect(trainer.predict(tensor([[1, 2, 3, 4]]))).rejects.toThrow(ShapeError);
  });

  test('a frozen model', async () => {
    const model = toyModel().freeze();
    await expect(
      make({ model, optimizer: new Adam(model) }).fit(toyLoader(), { epochs: 1 }),
    ).rejects.toThrow(/needs a trainable parameter/);
  });

  test('the optimizer of another model', async () => {
    const trainer = make({ optimizer: new Adam(new Linear(2, 2)) });
    await expect(trainer.fit(toyLoader(), { epochs: 1 })).rejects.toThrow(
      /one gradient for each parameter/,
    );
  });

  test.each([[Number.NaN], [-1], [Infinity], [undefined]])(
    'a schedule that gives %s',
    async (rate) => {
      const trainer = make({ schedule: (step: number) => (step === 2 ? rate : 0.1) });
      await expect(trainer.fit(toyLoader(), { epochs: 1 })).rejects.toThrow(
        /finite learning rate of at least 0.*for step 2/,
      );
    },
  );

  test('a metric that loses a total, or changes its shape', async () => {
    const accuracy = metrics.accuracy();
    const loses = { ...accuracy, update: () => ({ sum: tensor(1, [], 'int32') }) };
    const changes = {
      ...accuracy,
      update: () => ({ sum: tensor([1]), count: tensor(1, [], 'int32') }),
    };
    await expect(make({ metrics: { m: loses } }).fit(toyLoader(), { epochs: 1 })).rejects.toThrow(
      /Expected: 'm\/count' int32 \[\]\. Received: undefined/,
    );
    await expect(make({ metrics: { m: changes } }).fit(toyLoader(), { epochs: 1 })).rejects.toThrow(
      /'m\/sum' int32 \[\]\. Received: a float32 tensor of shape \[1\]/,
    );
  });

  test('gradients that get lost', async () => {
    const trainer = make({
      transformGradients: (grads: object) =>
        Object.fromEntries(Object.entries(grads).filter(([name]) => name !== '0.weight')),
    });
    await expect(trainer.fit(toyLoader(), { epochs: 1 })).rejects.toThrow(/none for '0\.weight'/);
  });

  test('a metric for other targets', async () => {
    const trainer = make({ metrics: { mae: metrics.meanAbsoluteError() } });
    await expect(trainer.fit(toyLoader(), { epochs: 1 })).rejects.toThrow(ShapeError);
  });
});

test('the loss of a step can be read during its callback only', async () => {
  let late: (() => Promise<number>) | null = null;
  const trainer = make({
    callbacks: { onStepEnd: ({ loss }: { loss: () => Promise<number> }) => void (late = loss) },
  });
  await trainer.fit(toyLoader(), { epochs: 1 });
  await expect(late!()).rejects.toThrow(/during onStepEnd/);
});
