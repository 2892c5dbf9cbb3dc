import { memory, type Tensor, tensor } from '@stratajs/core';
import { losses } from '@stratajs/layers';
import { Adam } from '@stratajs/optimizers';
import { beforeAll, describe, expect, test } from 'vitest';
import { metrics, type TrainingBatch, Trainer, type TrainerOptions } from '../src/index.js';
import { useTestEngine } from './engine.js';
import { runFolder } from './run-folder.js';
import { toyLoader, toyModel } from './toy.js';

beforeAll(useTestEngine);

function make(extra: Partial<TrainerOptions> = {}): Trainer {
  const model = toyModel();
  return new Trainer({
    model,
    optimizer: new Adam(model, { learningRate: 0.02 }),
    loss: losses.crossEntropy,
    metrics: { accuracy: metrics.accuracy(), top2: metrics.topKAccuracy(2) },
    progress: false,
    ...extra,
  });
}

test('tensors are as many after every step, whatever is read, logged and saved', async () => {
  for (const checkEvery of [1, 3]) {
    const counts = new Set<number>();
    const trainer = make({
      checkEvery,
      runDir: runFolder(),
      logEvery: 2,
      checkpoints: { everySteps: 3 },
      callbacks: {
        async onStepEnd({ step, loss, metrics: read }) {
          await loss();
          await read();
          // Those of gates and losses that are not read yet come and go with checkEvery.
          if (step % 15 === 0) counts.add(memory().numTensors);
        },
      },
    });
    const before = memory().numTensors;
    await trainer.fit(toyLoader(), { epochs: 12, validation: toyLoader() });
    expect(counts.size).toBe(1);
    expect(memory().numTensors).toBe(before);
  }
});

const broken = (): never => {
  throw new Error('broken');
};

/** Throws at its third call. */
function third<A extends unknown[], R>(works: (...args: A) => R): (...args: A) => R {
  let calls = 0;
  return (...args) => (++calls === 3 ? broken() : works(...args));
}

describe('an exception leaks nothing, ends fit() with itself, and training can go on', () => {
  const accuracy = metrics.accuracy();
  test.each<[string, () => Partial<TrainerOptions>]>([
    [
      'in the loss',
      () => ({
        loss: third((o: Tensor, t: Tensor) => losses.crossEntropy(o, t)),
        compile: false,
      }),
    ],
    [
      'in a metric',
      () => ({
        metrics: { a: accuracy, m: { ...accuracy, update: third(accuracy.update) } },
        compile: false,
      }),
    ],
    ['in a metric’s value', () => ({ metrics: { m: { ...accuracy, value: broken } } })],
    ['in a metric’s init', () => ({ metrics: { a: accuracy, m: { ...accuracy, init: broken } } })],
    ['in the schedule', () => ({ schedule: third(() => 0.1) })],
    ['in transformGradients', () => ({ transformGradients: third((g) => g), compile: false })],
    ['in onFitStart', () => ({ callbacks: { onFitStart: broken } })],
    ['in onEpochStart', () => ({ callbacks: { onEpochStart: broken } })],
    ['in onStepEnd', () => ({ callbacks: { onStepEnd: third(() => {}) } })],
    ['in onEpochEnd', () => ({ callbacks: { onEpochEnd: broken } })],
    ['in onFitEnd', () => ({ callbacks: { onFitEnd: broken } })],
    [
      'in a promise of a callback',
      () => ({ callbacks: { onStepEnd: () => Promise.reject(new Error('broken')) } }),
    ],
    ['in onCheckpoint', () => ({ runDir: runFolder(), callbacks: { onCheckpoint: broken } })],
  ])('%s', async (_, options) => {
    for (const checkEvery of [1, 4]) {
      const trainer = make({ ...options(), checkEvery });
      const before = memory().numTensors;
      await expect(
        trainer.fit(toyLoader(), { epochs: 1, validation: toyLoader() }),
      ).rejects.toThrow('broken');
      expect(memory().numTensors).toBe(before);
    }
  });

  test('in the model, with a validation loader half used', async () => {
    const model = toyModel();
    let evaluated = 0;
    model.onForward(() => void (!model.training && ++evaluated === 2 && broken()));
    const trainer = make({ model, optimizer: new Adam(model) });
    const before = memory().numTensors;
    await expect(trainer.fit(toyLoader(), { epochs: 1, validation: toyLoader() })).rejects.toThrow(
      'broken',
    );
    await expect(trainer.evaluate(toyLoader())).resolves.toBeDefined();
    evaluated = 0;
    await expect(trainer.evaluate(toyLoader())).rejects.toThrow('broken');
    evaluated = 0;
    await expect(trainer.predict(toyLoader())).rejects.toThrow('broken');
    expect(model.training).toBe(true);
    expect(memory().numTensors).toBe(before);
  });

  test('in the loader, and in the middle of a generator', async () => {
    const trainer = make();
    const before = memory().numTensors;
    function* failing(): Generator<TrainingBatch> {
      yield { x: tensor([[1, 2, 3, 4]]), y: tensor([1], [1], 'int32') };
      broken();
    }
    await expect(trainer.evaluate(failing())).rejects.toThrow('broken');
    await expect(trainer.predict(failing())).rejects.toThrow('broken');
    const source = { length: 2, epoch: failing, state: () => ({}), restore: () => {} };
    await expect(trainer.fit(source, { epochs: 1 })).rejects.toThrow('broken');
    expect(memory().numTensors).toBe(before);
  });

  test('the step that failed is done again, and fit ends as if it had not', async () => {
    const sound = make({ schedule: () => 0.1 });
    const expected = await sound.fit(toyLoader(), { epochs: 2 });
    const trainer = make({ schedule: third(() => 0.1) });
    const loader = toyLoader();
    await expect(trainer.fit(loader, { epochs: 2 })).rejects.toThrow('broken');
    expect(trainer.step).toBe(2);
    const history = await trainer.fit(loader, { epochs: 2 });
    expect(history.epochs.map(({ loss, metrics: m }) => [loss, m])).toEqual(
      expected.epochs.map(({ loss, metrics: m }) => [loss, m]),
    );
  });
});
