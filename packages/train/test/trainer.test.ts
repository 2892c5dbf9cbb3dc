import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isTensor, Rng, tensor, type Tensor } from '@stratajs/core';
import { Loader } from '@stratajs/data';
import { Linear, losses, type Sequential } from '@stratajs/layers';
import { clipByGlobalNorm, SGD } from '@stratajs/optimizers';
import { beforeAll, describe, expect, test } from 'vitest';
import { type Callbacks, type EpochRecord, metrics, Trainer } from '../src/index.js';
import { useTestEngine } from './engine.js';
import { runFolder } from './run-folder.js';
import { RowBatches, toyData, toyLoader, toyModel } from './toy.js';

beforeAll(useTestEngine);

/** The least-squares weights and bias of y over x, from the normal equations in float64. */
function leastSquares(x: number[][], y: number[]): number[] {
  const a = x.map((row) => [...row, 1]);
  const n = a[0]!.length;
  const m = Array.from({ length: n }, (_, i) => [
    ...Array.from({ length: n }, (_, j) => a.reduce((s, row) => s + row[i]! * row[j]!, 0)),
    a.reduce((s, row, r) => s + row[i]! * y[r]!, 0),
  ]);
  for (let i = 0; i < n; i++) {
    for (let k = 0; k < n; k++) {
      if (k === i) continue;
      const factor = m[k]![i]! / m[i]![i]!;
      m[k] = m[k]!.map((v, j) => v - factor * m[i]![j]!);
    }
  }
  return m.map((row, i) => row[n]! / row[i]!);
}

test('linear regression reaches the solution of the normal equations', async () => {
  const rng = new Rng(7);
  const x = Array.from({ length: 16 }, () => [...rng.normalArray(2)]);
  const y = x.map(([a, b]) => 2 * a! - 3 * b! + 0.5 + 0.3 * rng.normalArray(1)[0]!);
  const model = new Linear(2, 1, { rng });
  const trainer = new Trainer({
    model,
    optimizer: new SGD(model, { learningRate: 0.1, momentum: 0.8 }),
    loss: losses.meanSquaredError,
    progress: false,
  });
  const history = await trainer.fit(new RowBatches([{ x, y: y.map((v) => [v]) }]), { epochs: 150 });
  const [w0, w1, b] = leastSquares(x, y);
  const [weight, bias] = await Promise.all(model.parameters().map((p) => p.value.data()));
  expect(weight![0]).toBeCloseTo(w0!, 5);
  expect(weight![1]).toBeCloseTo(w1!, 5);
  expect(bias![0]).toBeCloseTo(b!, 5);
  const residual = x.reduce((s, [a, c], i) => s + (w0! * a! + w1! * c! + b! - y[i]!) ** 2, 0) / 16;
  expect(history.epochs.at(-1)!.loss).toBeCloseTo(residual, 6);
});

test('one SGD step is what the formula says', async () => {
  // y = w·x, loss (w·x − t)²: w ← w − r·2x(w·x − t)
  const model = new Linear(1, 1, { bias: false, weightInit: () => tensor([[3]]) });
  const trainer = new Trainer({
    model,
    optimizer: new SGD(model, { learningRate: 99 }),
    schedule: (step) => [0.25, 0.125][step]!,
    loss: losses.meanSquaredError,
    progress: false,
  });
  await trainer.fit(
    new RowBatches([
      { x: [[2]], y: [[4]] },
      { x: [[1]], y: [[0]] },
    ]),
    { epochs: 1 },
  );
  const first = 3 - 0.25 * 2 * 2 * (3 * 2 - 4); // 1
  expect([...(await model.parameters()[0]!.value.data())]).toEqual([first - 0.125 * 2 * first]);
});

describe('what fit() tells', () => {
  async function fitted(
    extra: object = {},
  ): Promise<{ epochs: readonly EpochRecord[]; seen: number[][] }> {
    const seen: number[][] = []; // [loss, samples] of each step
    const model = toyModel(2, 0);
    const trainer = new Trainer({
      model,
      optimizer: new SGD(model, { learningRate: 0.2 }),
      loss: losses.crossEntropy,
      metrics: { accuracy: metrics.accuracy(), top2: metrics.topKAccuracy(2) },
      callbacks: {
        async onStepEnd({ loss, samples }) {
          seen.push([await loss(), samples]);
        },
      },
      progress: false,
      ...extra,
    });
    const { epochs } = await trainer.fit(toyLoader(), {
      epochs: 3,
      validation: new Loader(toyData(11, 8), { batchSize: 4, shuffle: false }),
    });
    return { epochs, seen };
  }

  test('an epoch loss weighs each batch by its samples', async () => {
    const { epochs, seen } = await fitted();
    expect(epochs.map(({ epoch, step }) => [epoch, step])).toEqual([
      [1, 5],
      [2, 10],
      [3, 15],
    ]);
    for (const [e, { loss }] of epochs.entries()) {
      const steps = seen.slice(e * 5, e * 5 + 5);
      expect(steps.map(([, samples]) => samples)).toEqual([5, 10, 15, 20, 24]);
      const mean = steps.reduce((s, [l], i) => s + l! * (i === 4 ? 4 : 5), 0) / 24;
      expect(loss).toBeCloseTo(mean, 6);
    }
  });

  test('metrics and validation are those of the epoch end; rates are of the clock', async () => {
    const { epochs } = await fitted();
    expect(epochs[2]!.loss).toBeLessThan(epochs[0]!.loss);
    for (const { metrics: m, validation, seconds, samplesPerSecond, learningRate } of epochs) {
      expect(Number.isInteger(m['accuracy']! * 24)).toBe(true);
      expect(m['top2']).toBeGreaterThanOrEqual(m['accuracy']!);
      expect(Object.keys(validation!)).toEqual(['loss', 'accuracy', 'top2']);
      expect(samplesPerSecond).toBeCloseTo(24 / seconds, 6);
      expect(learningRate).toBe(0.2);
    }
  });

  test('reading gates seldom changes no bit', async () => {
    const [a, b] = [await fitted(), await fitted({ checkEvery: 4 })];
    expect(b.seen).toEqual(a.seen);
    expect(b.epochs.map(({ loss, metrics: m, validation }) => [loss, m, validation])).toEqual(
      a.epochs.map(({ loss, metrics: m, validation }) => [loss, m, validation]),
    );
  });

  test('metrics.jsonl has a line for every so many steps and each epoch; config.json what made it', async () => {
    const runDir = runFolder();
    const { epochs, seen } = await fitted({
      runDir,
      logEvery: 4,
      config: { model: { id: 'toy' } },
    });
    const lines = readFileSync(join(runDir, 'metrics.jsonl'), 'utf8').trimEnd().split('\n');
    const parsed = lines.map(
      (line) => JSON.parse(line) as { type: string; step: number; loss: number },
    );
    expect(parsed.map(({ type, step }) => `${type} ${step}`)).toEqual([
      'step 4',
      'epoch 5',
      'step 8',
      'epoch 10',
      'step 12',
      'epoch 15',
    ]);
    expect(parsed[2]!.loss).toBe(seen[7]![0]);
    expect(parsed[3]).toMatchObject(JSON.parse(JSON.stringify(epochs[1])) as object);
    expect(JSON.parse(readFileSync(join(runDir, 'config.json'), 'utf8'))).toMatchObject({
      model: { id: 'toy' },
      trainer: {
        epochs: 3,
        batchesPerEpoch: 5,
        metrics: ['accuracy', 'top2'],
        optimizer: { type: 'SGD' },
      },
    });
  });
});

test('callbacks come in order, several sets one after the other, each awaited', async () => {
  const calls: string[] = [];
  const named = (name: string): Callbacks => ({
    onFitStart: ({ epochs, batchesPerEpoch }) =>
      void calls.push(`${name} fit ${epochs}x${batchesPerEpoch}`),
    onEpochStart: async ({ epoch }) => {
      await Promise.resolve();
      calls.push(`${name} epoch ${epoch}`);
    },
    onStepEnd: ({ step, batch }) => void calls.push(`${name} step ${step} batch ${batch}`),
    onEpochEnd: ({ epoch }) => void calls.push(`${name} end ${epoch}`),
    onFitEnd: ({ interrupted }) => void calls.push(`${name} done ${interrupted}`),
  });
  const model = new Linear(1, 1);
  const trainer = new Trainer({
    model,
    optimizer: new SGD(model, { learningRate: 0.01 }),
    loss: losses.meanSquaredError,
    callbacks: [named('a'), named('b')],
    progress: false,
  });
  await trainer.fit(new RowBatches([{ x: [[1]], y: [[1]] }]), { epochs: 2 });
  const once = (name: string): string[] => [
    `${name} fit 2x1`,
    `${name} epoch 1`,
    `${name} step 1 batch 1`,
    `${name} end 1`,
    `${name} epoch 2`,
    `${name} step 2 batch 1`,
    `${name} end 2`,
    `${name} done false`,
  ];
  expect(calls).toEqual(once('a').flatMap((call, i) => [call, once('b')[i]!]));
});

describe('modes', () => {
  test('training in fit, evaluation in validation, and every module as before at the end', async () => {
    const model = toyModel();
    const dropout = [...model.namedModules()].find(([path]) => path === '2')![1];
    model.eval();
    dropout.training = true; // as Monte Carlo dropout does
    const modes: boolean[] = [];
    model.onForward(() => void modes.push(model.training));
    const trainer = new Trainer({
      model,
      optimizer: new SGD(model, { learningRate: 0.1 }),
      loss: losses.crossEntropy,
      progress: false,
    });
    await trainer.fit(toyLoader(), { epochs: 1, validation: toyLoader() });
    expect(modes).toEqual([...Array<boolean>(5).fill(true), ...Array<boolean>(5).fill(false)]);
    const training = [...model.namedModules()].filter(([, m]) => m.training);
    expect(training.map(([path]) => path)).toEqual(['2']);
  });

  test('evaluate and predict run in evaluation mode, draw nothing and change nothing', async () => {
    const model = toyModel();
    const rng = [...model.namedRngs()][0]![1];
    const before = JSON.stringify(rng.state());
    const trainer = new Trainer({
      model,
      optimizer: new SGD(model, { learningRate: 0.1 }),
      loss: losses.crossEntropy,
      metrics: { accuracy: metrics.accuracy() },
      progress: false,
    });
    const [one, two] = [await trainer.evaluate(toyLoader()), await trainer.evaluate(toyLoader(9))];
    expect(one['accuracy']).toBe(two['accuracy']); // another order, the same samples
    expect(one['loss']).toBeCloseTo(two['loss']!, 6);
    expect(model.training).toBe(true);
    expect(JSON.stringify(rng.state())).toBe(before);
  });
});

test('predict gives the output of an input, and of each batch', async () => {
  const model = new Linear(1, 1, { bias: false, weightInit: () => tensor([[3]]) });
  const trainer = new Trainer({
    model,
    optimizer: new SGD(model, { learningRate: 0.1 }),
    loss: losses.meanSquaredError,
    progress: false,
  });
  const output: Tensor = await trainer.predict(tensor([[1], [2]]));
  expect(await output.array()).toEqual([[3], [6]]);
  const outputs = await trainer.predict(
    new RowBatches([
      { x: [[4]], y: [[0]] },
      { x: [[5], [6]], y: [[0], [0]] },
    ]),
  );
  expect(await Promise.all(outputs.map((o) => o.array()))).toEqual([[[12]], [[15], [18]]]);
  // An array's batches stay the caller's.
  const mine = [{ x: tensor([[7]]), y: tensor([[0]]) }];
  expect(await Promise.all((await trainer.predict(mine)).map((o) => o.array()))).toEqual([[[21]]]);
  expect(isTensor(mine[0]!.x) && !mine[0]!.x.isDisposed).toBe(true);
});

test('a second fit goes on where the first ended, as one fit would', async () => {
  const make = (): { model: Sequential; trainer: Trainer } => {
    const model = toyModel();
    const optimizer = new SGD(model, { learningRate: 0.1, momentum: 0.9 });
    return {
      model,
      trainer: new Trainer({ model, optimizer, loss: losses.crossEntropy, progress: false }),
    };
  };
  const [once, twice] = [make(), make()];
  await once.trainer.fit(toyLoader(), { epochs: 3 });
  const loader = toyLoader();
  await twice.trainer.fit(loader, { epochs: 1 });
  const history = await twice.trainer.fit(loader, { epochs: 3 });
  expect(history.epochs.map(({ epoch }) => epoch)).toEqual([1, 2, 3]);
  for (const [i, p] of twice.model.parameters().entries()) {
    expect(await p.value.data()).toEqual(await once.model.parameters()[i]!.value.data());
  }
  expect((await twice.trainer.fit(loader, { epochs: 3 })).step).toBe(15); // nothing left to do
});

test('gradients may be changed before the update', async () => {
  const model = new Linear(1, 1, { bias: false, weightInit: () => tensor([[3]]) });
  const trainer = new Trainer({
    model,
    optimizer: new SGD(model, { learningRate: 1 }),
    loss: losses.meanSquaredError,
    transformGradients: (grads) => clipByGlobalNorm(grads, 0.5),
    progress: false,
  });
  await trainer.fit(new RowBatches([{ x: [[2]], y: [[4]] }]), { epochs: 1 }); // the gradient is 8
  expect((await model.parameters()[0]!.value.data())[0]).toBeCloseTo(2.5, 5);
});
