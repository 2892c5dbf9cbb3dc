import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { memory } from '@stratajs/core';
import { type Module, losses } from '@stratajs/layers';
import { Adam } from '@stratajs/optimizers';
import { beforeAll, describe, expect, test } from 'vitest';
import { type Callbacks, type History, metrics, Trainer } from '../src/index.js';
import { useTestEngine } from './engine.js';
import { runFolder } from './run-folder.js';
import { toyLoader, toyModel } from './toy.js';

beforeAll(useTestEngine);

function make(callbacks: Callbacks = {}, runDir?: string): { model: Module; trainer: Trainer } {
  const model = toyModel();
  const trainer = new Trainer({
    model,
    optimizer: new Adam(model, { learningRate: 0.02 }),
    loss: losses.crossEntropy,
    metrics: { accuracy: metrics.accuracy() },
    callbacks,
    progress: false,
    logEvery: 2,
    ...(runDir === undefined ? {} : { runDir }),
  });
  return { model, trainer };
}

async function weights(model: Module): Promise<unknown> {
  return Promise.all(model.parameters().map((p) => p.value.data()));
}

function timeless({ epochs }: History): unknown {
  return epochs.map((record) => ({ ...record, seconds: 0, samplesPerSecond: 0 }));
}

function log(runDir: string): string {
  return readFileSync(join(runDir, 'metrics.jsonl'), 'utf8').replaceAll(/,"seconds":.*\}/g, '}');
}

describe.each([
  ['in the middle of an epoch', 7],
  ['at the last step of an epoch', 10],
  ['at the last step of all', 15],
  ['at the first step', 1],
])('a signal %s', (_, at) => {
  test('finishes the step, writes a checkpoint, says how to resume; the rest is as if nothing had been', async () => {
    const whole = make({}, runFolder());
    const expected = await whole.trainer.fit(toyLoader(), { epochs: 3, validation: toyLoader(4) });

    const runDir = runFolder();
    const stop = new AbortController();
    const first = make({ onStepEnd: ({ step }) => void (step === at && stop.abort()) }, runDir);
    const before = memory().numTensors;
    const history = await first.trainer.fit(toyLoader(), {
      epochs: 3,
      validation: toyLoader(4),
      signal: stop.signal,
    });
    expect(memory().numTensors).toBe(before);
    const path = join(runDir, 'checkpoints', `step-${String(at).padStart(6, '0')}`);
    expect(history).toMatchObject({ interrupted: true, step: at, checkpoint: path });
    expect(history.howToResume).toBe(
      `Interrupted after step ${at}. fit(loader, { epochs: 3, resume: true }) goes on from ${path}.`,
    );

    const second = make({}, runDir);
    const rest = await second.trainer.fit(toyLoader(99), {
      epochs: 3,
      validation: toyLoader(4),
      resume: true,
    });
    expect(rest).toMatchObject({ interrupted: false, step: 15, howToResume: null });
    expect(timeless(rest)).toEqual(timeless(expected));
    expect(await weights(second.model)).toEqual(await weights(whole.model));
    expect(log(runDir)).toBe(log(join(expected.checkpoint!, '..', '..')));
  });

  test('without a run directory, the same trainer goes on', async () => {
    const whole = make();
    const expected = await whole.trainer.fit(toyLoader(), { epochs: 3 });
    const stop = new AbortController();
    const { model, trainer } = make({
      onStepEnd: ({ step }) => void (step === at && stop.abort()),
    });
    const loader = toyLoader();
    const history = await trainer.fit(loader, { epochs: 3, signal: stop.signal });
    expect(history).toMatchObject({ interrupted: true, checkpoint: null });
    expect(history.howToResume).toMatch(/goes on in this program: nothing was written/);
    expect(timeless(await trainer.fit(loader, { epochs: 3 }))).toEqual(timeless(expected));
    expect(await weights(model)).toEqual(await weights(whole.model));
  });
});

test('a signal during validation leaves the epoch open; resuming validates it', async () => {
  const whole = make({}, runFolder());
  const expected = await whole.trainer.fit(toyLoader(), { epochs: 2, validation: toyLoader(4) });

  const runDir = runFolder();
  const stop = new AbortController();
  const { model, trainer } = make({}, runDir);
  let evaluated = 0;
  model.onForward(() => void (!model.training && ++evaluated === 3 && stop.abort()));
  const history = await trainer.fit(toyLoader(), {
    epochs: 2,
    validation: toyLoader(4),
    signal: stop.signal,
  });
  expect(history).toMatchObject({ interrupted: true, step: 5, epochs: [] });
  expect(evaluated).toBe(3);
  expect(model.training).toBe(true);

  const second = make({}, runDir);
  const rest = await second.trainer.fit(toyLoader(), {
    epochs: 2,
    validation: toyLoader(4),
    resume: true,
  });
  expect(timeless(rest)).toEqual(timeless(expected));
  expect(await weights(second.model)).toEqual(await weights(whole.model));
  expect(log(runDir)).toBe(log(join(expected.checkpoint!, '..', '..')));
  // Step 5 was saved open and again closed: neither overwrote the other.
  expect(readdirSync(join(runDir, 'checkpoints'))).toEqual([
    'step-000005',
    'step-000005.1',
    'step-000010',
  ]);
});

test('a signal that has been given already lets no step happen, and repeats no checkpoint', async () => {
  const runDir = runFolder();
  const { trainer } = make({}, runDir);
  const signal = AbortSignal.abort();
  expect(await trainer.fit(toyLoader(), { epochs: 1, signal })).toMatchObject({
    interrupted: true,
    step: 0,
    checkpoint: null,
  });
  const loader = toyLoader();
  await trainer.fit(loader, { epochs: 1 });
  expect(await trainer.fit(loader, { epochs: 2, signal })).toMatchObject({
    interrupted: true,
    step: 5,
  });
  expect(readdirSync(join(runDir, 'checkpoints'))).toEqual(['step-000005']);
});

test('timers and signals of the process get their turn between steps', async () => {
  const stop = new AbortController();
  const { trainer } = make({
    onStepEnd: ({ step }) => void (step === 3 && setImmediate(() => stop.abort())),
  });
  expect(await trainer.fit(toyLoader(), { epochs: 100, signal: stop.signal })).toMatchObject({
    interrupted: true,
    step: 3,
  });
});

test('evaluate rejects with the reason of its signal', async () => {
  const { model, trainer } = make();
  const before = memory().numTensors;
  await expect(
    trainer.evaluate(toyLoader(), { signal: AbortSignal.abort(new Error('enough')) }),
  ).rejects.toThrow('enough');
  expect(memory().numTensors).toBe(before);
  expect(model.training).toBe(true);
});
