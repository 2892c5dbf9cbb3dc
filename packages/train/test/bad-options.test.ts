import { mkdirSync } from 'node:fs';
import { CheckpointError, ConfigError } from '@stratajs/core';
import { losses } from '@stratajs/layers';
import { SGD } from '@stratajs/optimizers';
import { beforeAll, describe, expect, test } from 'vitest';
import {
  type FitOptions,
  metrics,
  saveCheckpoint,
  Trainer,
  type TrainerOptions,
} from '../src/index.js';
import { useTestEngine } from './engine.js';
import { runFolder } from './run-folder.js';
import { toyLoader, toyModel } from './toy.js';

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

test.each([
  ['no model', { model: undefined }, /The model of a Trainer is a Module\. Received: undefined/],
  [
    'a function as model',
    { model: () => {} },
    /The model of a Trainer is a Module\. Received: a function/,
  ],
  [
    'an optimizer class',
    { optimizer: SGD },
    /The optimizer of a Trainer is one such as SGD.*Received: a function \(SGD\)/,
  ],
  [
    'a loss by name',
    { loss: 'crossEntropy' },
    /The loss of a Trainer is a function.*Received: 'crossEntropy'/,
  ],
  [
    'a metric that was not called',
    { metrics: { accuracy: metrics.accuracy } },
    /metric 'accuracy' is one such as metrics\.accuracy\(\), called.*Received: a function \(accuracy\)/,
  ],
  ["a metric called 'loss'", { metrics: { loss: metrics.accuracy() } }, /not 'loss'/],
  [
    'a metric with a slash',
    { metrics: { 'a/b': metrics.accuracy() } },
    /without '\/'.*Received: 'a\/b'/,
  ],
  [
    'a schedule that is a number',
    { schedule: 0.1 },
    /schedule of a Trainer is a function.*Received: number 0\.1/,
  ],
  [
    'a misspelt option',
    { metric: {} },
    /Unknown option of Trainer\. Received: 'metric'\. Did you mean 'metrics'\?/,
  ],
  [
    'a misspelt checkpoint option',
    { checkpoints: { everyStep: 3 } },
    /Unknown option of checkpoints\. Received: 'everyStep'\. Did you mean 'everySteps'\?/,
  ],
  [
    'checkEvery 0',
    { checkEvery: 0 },
    /checkEvery is an integer of at least 1\. Received: number 0/,
  ],
  ['checkEvery that never comes', { checkEvery: Infinity }, /checkEvery is an integer/],
  ['logEvery 1.5', { logEvery: 1.5 }, /logEvery is an integer/],
  ['keepLast 0', { checkpoints: { keepLast: 0 } }, /keepLast is an integer/],
  ['an empty runDir', { runDir: '' }, /runDir is a path/],
  [
    'a callback that is a function',
    { callbacks: [() => {}] },
    /callbacks of a Trainer are objects/,
  ],
  [
    'gradients changed by an object',
    { transformGradients: {} },
    /transformGradients is a function/,
  ],
])('a Trainer refuses %s', (_, extra, message) => {
  expect(() => make(extra)).toThrow(ConfigError);
  expect(() => make(extra)).toThrow(message);
});

test.each([
  ['no epochs', {}, /epochs of fit\(\) are an integer of at least 1\. Received: undefined/],
  ['half an epoch', { epochs: 0.5 }, /Received: number 0\.5/],
  [
    'a misspelt option',
    { epochs: 1, validations: [] },
    /Unknown option of fit\(\)\. Received: 'validations'\. Did you mean 'validation'\?/,
  ],
  [
    'a controller for a signal',
    { epochs: 1, signal: new AbortController() },
    /AbortSignal.*Pass controller\.signal/,
  ],
  ['resume of nothing', { epochs: 1, resume: true }, /needs a run directory/],
  ['resume by a number', { epochs: 1, resume: 3 }, /true, false or the path/],
  ['no options', undefined, /options of fit\(\) are an object\. Received: undefined/],
])('fit() refuses %s', async (_, bad, message) => {
  const trainer = make();
  await expect(trainer.fit(toyLoader(), bad as unknown as FitOptions)).rejects.toThrow(ConfigError);
  await expect(trainer.fit(toyLoader(), bad as unknown as FitOptions)).rejects.toThrow(message);
});

test.each([
  ['an array', []],
  ['a data set', { length: 3, batch: () => {} }],
  ['nothing', undefined],
])('fit() refuses %s for a loader', async (_, bad) => {
  await expect(make().fit(bad as never, { epochs: 1 })).rejects.toThrow(
    /fit\(\) trains on a Loader/,
  );
});

test('fit() during fit() is refused, and the first goes on', async () => {
  const trainer = make();
  const first = trainer.fit(toyLoader(), { epochs: 1 });
  await expect(trainer.fit(toyLoader(), { epochs: 1 })).rejects.toThrow(/fits once at a time/);
  expect((await first).step).toBe(5);
});

describe('run directories', () => {
  test('that hold another run are not mixed with', async () => {
    const runDir = runFolder();
    await make({ runDir }).fit(toyLoader(), { epochs: 1 });
    await expect(make({ runDir }).fit(toyLoader(), { epochs: 1 })).rejects.toThrow(
      /has reached step 5.*resume: true/,
    );
    await expect(make({ runDir }).fit(toyLoader(), { epochs: 1 })).rejects.toThrow(ConfigError);
  });

  test('that are empty are taken', async () => {
    const runDir = runFolder();
    mkdirSync(runDir);
    await expect(
      make({ runDir }).fit(toyLoader(), { epochs: 1, resume: true }),
    ).resolves.toMatchObject({ step: 5 });
  });

  test('resuming from a path where no checkpoint is, or one that no trainer wrote', async () => {
    const trainer = make();
    await expect(
      trainer.fit(toyLoader(), { epochs: 1, resume: '/nowhere/step-1' }),
    ).rejects.toThrow(CheckpointError);
    const path = await saveCheckpoint(runFolder(), { ...options(), step: 3 });
    await expect(trainer.fit(toyLoader(), { epochs: 1, resume: path })).rejects.toThrow(
      /that a Trainer wrote/,
    );
    expect(trainer.step).toBe(0);
    await expect(trainer.fit(toyLoader(), { epochs: 1 })).resolves.toMatchObject({ step: 5 });
  });

  test('resuming in the middle of an epoch with other metrics', async () => {
    const runDir = runFolder();
    const controller = new AbortController();
    await make({
      runDir,
      metrics: { a: metrics.accuracy() },
      callbacks: { onStepEnd: () => controller.abort() },
    }).fit(toyLoader(), { epochs: 1, signal: controller.signal });
    const other = make({ runDir, metrics: { b: metrics.accuracy() } });
    await expect(other.fit(toyLoader(), { epochs: 1, resume: true })).rejects.toThrow(
      /with the metrics it was started with[^]*'b\/sum'[^]*'a\/sum'/,
    );
    expect(other.step).toBe(0);
  });
});
