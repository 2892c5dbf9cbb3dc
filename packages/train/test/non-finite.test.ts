import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import {
  add,
  assign,
  mean,
  memory,
  mul,
  noGrad,
  Parameter,
  Rng,
  sqrt,
  State,
  StrataError,
  sum,
  type Tensor,
  tensor,
  tidy,
} from '@stratajs/core';
import { Linear, losses, Module, ReLU, Sequential } from '@stratajs/layers';
import { Adam, clipByGlobalNorm, SGD } from '@stratajs/optimizers';
import { beforeAll, describe, expect, test } from 'vitest';
import { NonFiniteError, Trainer, type TrainerOptions } from '../src/index.js';
import { useTestEngine } from './engine.js';
import { runFolder } from './run-folder.js';
import { RowBatches, type Rows } from './toy.js';

beforeAll(useTestEngine);

/** Learns the mean of its inputs as it goes, as batch normalization does. */
class Centred extends Module {
  readonly mean: State = tidy(() => new State(tensor([0, 0])));
  forward(x: Tensor): Tensor {
    noGrad(() => assign(this.mean, add(mul(this.mean.value, 0.9), mul(mean(x, { axis: 0 }), 0.1))));
    return x;
  }
}

function model(): Sequential {
  const rng = new Rng(3);
  return new Sequential(
    new Centred(),
    new Linear(2, 4, { rng }),
    new ReLU(),
    new Linear(4, 1, { rng }),
  );
}

/** 12 batches of 3 rows; those of `bad` steps (counted from 1) hold an infinity, or are left out. */
function batches(bad: readonly number[], leaveOut: boolean = false): RowBatches {
  const rng = new Rng(8);
  const all = Array.from({ length: 12 }, (_, i): Rows => {
    const x = Array.from({ length: 3 }, () => [...rng.normalArray(2)]);
    if (bad.includes(i + 1)) x[1]![0] = Infinity;
    return { x, y: x.map(([a]) => [Number.isFinite(a!) ? a! * 2 : 0]) };
  });
  return new RowBatches(leaveOut ? all.filter((_, i) => !bad.includes(i + 1)) : all);
}

async function values(m: Module): Promise<Float32Array[]> {
  const tensors = tidy(() => m.states().map((s) => s.value));
  return Promise.all(
    tensors.map(async (t) => {
      const data = await t.data();
      t.dispose();
      return data as Float32Array;
    }),
  );
}

function trainer(m: Module, extra: Partial<TrainerOptions> = {}): Trainer {
  return new Trainer({
    model: m,
    optimizer: new SGD(m, { learningRate: 0.05, momentum: 0.9 }),
    loss: losses.meanSquaredError,
    progress: false,
    ...extra,
  });
}

async function failure(fit: Promise<unknown>): Promise<NonFiniteError> {
  const error: unknown = await fit.then(
    () => null,
    (e: unknown) => e,
  );
  expect(error).toBeInstanceOf(NonFiniteError);
  expect(error).toBeInstanceOf(StrataError);
  return error as NonFiniteError;
}

describe('a batch with an infinity', () => {
  test.each([
    ['SGD with momentum', (m: Module) => new SGD(m, { learningRate: 0.05, momentum: 0.9 })],
    ['Adam', (m: Module) => new Adam(m, { learningRate: 0.05 })],
  ])(
    'names step and parameter, and leaves every state as before that step: %s',
    async (_, make) => {
      const m = model();
      const optimizer = make(m);
      let before: Float32Array[] = [];
      const steps: number[] = [];
      const fit = trainer(m, {
        optimizer,
        callbacks: {
          async onStepEnd({ step }) {
            steps.push(step);
            before = await values(m);
          },
        },
      }).fit(batches([7]), { epochs: 1 });
      const error = await failure(fit);
      expect(error).toMatchObject({ step: 7, parameter: '1.weight', name: 'NonFiniteError' });
      expect(error.message).toMatch(
        /in the gradient of '1\.weight' at step 7.*That step changed no weight/,
      );
      expect(steps).toEqual([1, 2, 3, 4, 5, 6]);
      expect(await values(m)).toEqual(before);
      expect(before[0]!.some((v) => v !== 0)).toBe(true); // the running mean had moved
      for (const [, slot] of optimizer.namedStates()) {
        expect([...(await slot.value.data())].every(Number.isFinite)).toBe(true);
      }
    },
  );

  test.each([2, 5, 12, 100])(
    'is found within checkEvery=%i steps, the first of several, the weights sound',
    async (checkEvery) => {
      const m = model();
      const steps: number[] = [];
      const fit = trainer(m, {
        checkEvery,
        callbacks: { onStepEnd: ({ step }) => void steps.push(step) },
      }).fit(batches([7, 8]), { epochs: 1 });
      expect(await failure(fit)).toMatchObject({ step: 7, parameter: '1.weight' });
      const done = Math.min(12, Math.ceil(7 / checkEvery) * checkEvery);
      expect(steps.length).toBeGreaterThanOrEqual(done - 1);
      expect(steps.length).toBeLessThan(7 + checkEvery);
      // As if the bad batches had not been there.
      const sound = model();
      const stop = new AbortController();
      await new Trainer({
        model: sound,
        optimizer: new SGD(sound, { learningRate: 0.05, momentum: 0.9 }),
        loss: losses.meanSquaredError,
        progress: false,
        callbacks: {
          onStepEnd: ({ step }) => void (step === done - (done >= 8 ? 2 : 1) && stop.abort()),
        },
      }).fit(batches([7, 8], true), { epochs: 1, signal: stop.signal });
      expect(await values(m)).toEqual(await values(sound));
    },
  );

  test('no checkpoint is written after it', async () => {
    const runDir = runFolder();
    const m = model();
    const fit = trainer(m, { runDir, checkEvery: 100, checkpoints: { everySteps: 4 } }).fit(
      batches([7]),
      { epochs: 1 },
    );
    await failure(fit);
    expect(readdirSync(join(runDir, 'checkpoints'))).toEqual(['step-000004']);
  });

  test('leaks nothing', async () => {
    for (const checkEvery of [1, 5]) {
      const m = model();
      const t = trainer(m, { checkEvery });
      const before = memory().numTensors;
      await failure(t.fit(batches([7]), { epochs: 1 }));
      expect(memory().numTensors).toBe(before);
    }
  });
});

/** y = x·a + √b, whose gradient for b is infinite at b = 0 while the loss is finite. */
class Root extends Module {
  readonly a: Parameter = tidy(() => new Parameter(tensor([1])));
  readonly b: Parameter = tidy(() => new Parameter(tensor([0])));
  forward(x: Tensor): Tensor {
    return add(mul(x, this.a.value), sqrt(this.b.value));
  }
}

const one = (): RowBatches => new RowBatches([{ x: [[1]], y: [[0]] }]);

test('the first parameter whose gradient is not finite is named, not the first parameter', async () => {
  const m = new Root();
  const fit = trainer(m).fit(one(), { epochs: 1 });
  expect(await failure(fit)).toMatchObject({ step: 1, parameter: 'b', loss: 1 });
  expect(await values(m)).toEqual([Float32Array.of(1), Float32Array.of(0)]);
});

test('clipping by the norm, which makes every gradient NaN, does not hide it', async () => {
  const fit = trainer(new Root(), { transformGradients: (g) => clipByGlobalNorm(g, 1) }).fit(
    one(),
    { epochs: 1 },
  );
  expect(await failure(fit)).toMatchObject({ parameter: 'b' });
});

test('a transform that breaks finite gradients is found too', async () => {
  const m = new Linear(1, 1);
  const fit = trainer(m, {
    transformGradients: ({ weight, bias }) => ({ weight: weight!, bias: mul(bias!, Infinity) }),
  }).fit(one(), { epochs: 1 });
  expect(await failure(fit)).toMatchObject({ parameter: 'bias' });
});

test('a loss that alone is not finite', async () => {
  const m = new Linear(1, 1);
  const fit = trainer(m, { loss: (output) => add(sum(mul(output, 0)), Number.NaN) }).fit(one(), {
    epochs: 1,
  });
  const error = await failure(fit);
  expect(error).toMatchObject({ step: 1, parameter: null, loss: Number.NaN });
  expect(error.message).toMatch(/NaN or infinity in the loss at step 1, where the loss is NaN/);
});
