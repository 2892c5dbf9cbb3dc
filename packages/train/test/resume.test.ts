import { cpSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { defaultRng, memory, Rng, seed, type Tensor } from '@stratajs/core';
import { losses } from '@stratajs/layers';
import { SGD } from '@stratajs/optimizers';
import { beforeAll, describe, expect, test } from 'vitest';
import {
  type FitOptions,
  type History,
  listCheckpoints,
  metrics,
  Trainer,
  type TrainerOptions,
} from '../src/index.js';
import { useTestEngine } from './engine.js';
import { runFolder } from './run-folder.js';
import { toyLoader, toyModel } from './toy.js';

beforeAll(useTestEngine);

interface Outcome {
  readonly history: History;
  readonly weights: unknown;
}

async function fit(options: FitOptions, extra: Partial<TrainerOptions> = {}): Promise<Outcome> {
  const model = toyModel();
  const trainer = new Trainer({
    model,
    optimizer: new SGD(model, { learningRate: 0.1, momentum: 0.9 }),
    loss: losses.crossEntropy,
    checkpoints: { everySteps: 2, keepLast: Infinity },
    logEvery: 1,
    progress: false,
    ...extra,
  });
  const history = await trainer.fit(toyLoader(), options);
  return { history, weights: await Promise.all(model.parameters().map((p) => p.value.data())) };
}

const names = (runDir: string): string[] => readdirSync(join(runDir, 'checkpoints'));
const steps = (runDir: string): number[] =>
  readFileSync(join(runDir, 'metrics.jsonl'), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as { type: string; step: number })
    .filter(({ type }) => type === 'step')
    .map(({ step }) => step);

describe('from an older checkpoint, by its path', () => {
  test('the run goes on from there; newer ones are given up, the log is cut', async () => {
    const runDir = runFolder();
    const whole = await fit({ epochs: 2 }, { runDir });
    expect(names(runDir)).toEqual([
      'step-000002',
      'step-000004',
      'step-000005',
      'step-000006',
      'step-000008',
      'step-000010',
    ]);
    const path = join(runDir, 'checkpoints', 'step-000004');
    const again = await fit({ epochs: 1, resume: path }, { runDir });
    expect(again.history.step).toBe(5);
    expect(names(runDir)).toEqual(['step-000002', 'step-000004', 'step-000005']);
    expect(steps(runDir)).toEqual([1, 2, 3, 4, 5]);
    const rest = await fit({ epochs: 2, resume: true }, { runDir });
    expect(rest.weights).toEqual(whole.weights);
    expect(steps(runDir)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  });

  test('those given up are no longer the newest, even before the first new one', async () => {
    const runDir = runFolder();
    await fit({ epochs: 2 }, { runDir });
    const path = join(runDir, 'checkpoints', 'step-000004');
    const broken = { onStepEnd: () => Promise.reject(new Error('broken')) };
    await expect(fit({ epochs: 2, resume: path }, { runDir, callbacks: broken })).rejects.toThrow(
      'broken',
    );
    expect((await listCheckpoints(join(runDir, 'checkpoints'))).at(-1)!.path).toBe(path);
  });

  test('into another run directory: the first one stays as it is', async () => {
    const [from, to] = [runFolder(), runFolder()];
    const whole = await fit({ epochs: 2 }, { runDir: from });
    const before = names(from);
    const rest = await fit(
      { epochs: 2, resume: join(from, 'checkpoints', 'step-000006') },
      { runDir: to },
    );
    expect(rest.weights).toEqual(whole.weights);
    expect(names(from)).toEqual(before);
    expect(names(to)).toEqual(['step-000008', 'step-000010']);
    expect(steps(to)).toEqual([7, 8, 9, 10]);
    // An interruption at once leaves a checkpoint there too: the run is complete on its own.
    const third = runFolder();
    await fit({ epochs: 3, resume: from, signal: AbortSignal.abort() }, { runDir: third });
    expect(names(third)).toEqual(['step-000010']);
  });

  test('without a run directory; and of a run that was moved', async () => {
    const runDir = runFolder();
    const whole = await fit({ epochs: 2 }, { runDir });
    const moved = runFolder();
    cpSync(runDir, moved, { recursive: true });
    const path = join(moved, 'checkpoints', 'step-000006');
    expect((await fit({ epochs: 2, resume: path })).weights).toEqual(whole.weights);
    expect((await fit({ epochs: 2, resume: moved })).history.step).toBe(10);
    expect((await fit({ epochs: 3, resume: true }, { runDir: moved })).history.step).toBe(15);
  });
});

test('what a killed run logged before its first checkpoint does not stand there twice', async () => {
  const runDir = runFolder();
  await fit({ epochs: 1, signal: AbortSignal.abort() }, { runDir });
  writeFileSync(join(runDir, 'metrics.jsonl'), '{"type":"step","step":1}\n{"type":"st');
  await fit({ epochs: 1, resume: true }, { runDir });
  expect(steps(runDir)).toEqual([1, 2, 3, 4, 5]);
});

test('a log that was removed or cut does not keep a run from going on', async () => {
  const runDir = runFolder();
  const whole = await fit({ epochs: 2 });
  await fit({ epochs: 1 }, { runDir });
  writeFileSync(join(runDir, 'metrics.jsonl'), '{"type":"step","step":1}\n{"type":"step","st');
  const rest = await fit({ epochs: 2, resume: true }, { runDir });
  expect(rest.weights).toEqual(whole.weights);
  expect(steps(runDir)).toEqual([1, 6, 7, 8, 9, 10]);
});

test('generators that only the loss draws from are saved when they are named', async () => {
  const noisy = (own: Rng): Partial<TrainerOptions> => ({
    rngs: { noise: own },
    loss: (output: Tensor, target: Tensor) =>
      losses.crossEntropy(output, target, { labelSmoothing: own.nextUniform() / 2 }),
  });
  const whole = await fit({ epochs: 2 }, noisy(new Rng(6)));
  const runDir = runFolder();
  await fit({ epochs: 1 }, { runDir, ...noisy(new Rng(6)) });
  const rest = await fit({ epochs: 2, resume: true }, { runDir, ...noisy(new Rng(77)) });
  expect(rest.weights).toEqual(whole.weights);
});

test('a seed sets the default generator when training begins, and not when it goes on', async () => {
  const drawn: number[] = [];
  const draws: Partial<TrainerOptions> = {
    seed: 9,
    callbacks: { onStepEnd: () => void drawn.push(defaultRng().nextUniform()) },
  };
  seed(1);
  const runDir = runFolder();
  await fit({ epochs: 1 }, { runDir, ...draws });
  seed(2);
  await fit({ epochs: 2, resume: true }, { runDir, ...draws });
  const rng = new Rng(9);
  expect(drawn).toEqual(Array.from({ length: 10 }, () => rng.nextUniform()));
});

test('a metric that is NaN survives in the history', async () => {
  const accuracy = metrics.accuracy();
  const runDir = runFolder();
  const nan = { runDir, metrics: { m: { ...accuracy, value: () => Number.NaN } } };
  await fit({ epochs: 1 }, nan);
  const { history } = await fit({ epochs: 2, resume: true }, nan);
  expect(history.epochs.map(({ metrics: m }) => m)).toEqual([{ m: Number.NaN }, { m: Number.NaN }]);
});

test('resuming leaks nothing', async () => {
  const runDir = runFolder();
  await fit({ epochs: 1 }, { runDir });
  const model = toyModel();
  const trainer = new Trainer({
    model,
    optimizer: new SGD(model, { learningRate: 0.1, momentum: 0.9 }),
    loss: losses.crossEntropy,
    progress: false,
  });
  const before = memory().numTensors;
  const path = join(runDir, 'checkpoints', 'step-000004'); // in the middle of the epoch
  await expect(trainer.fit(toyLoader(), { epochs: 2, resume: path })).resolves.toMatchObject({
    step: 10,
  });
  expect(memory().numTensors).toBe(before);
});
