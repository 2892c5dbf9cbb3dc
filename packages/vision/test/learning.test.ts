/**
 * Each model learns: on generated digits always, on the published sets where they are at hand. Every bar lies below what
 * three seeds reached (93.0-94.1, 92.5-93.8, 94.8-97.0, 98.9-99.1, 45.5-47.8 %, in the order below), and above what a
 * linear classifier reaches on such data (85, 84, at most 80, 93, about 34 %).
 */
import {
  activeBackend,
  type CallableModel,
  createModel,
  type ModelOptions,
  register,
  Rng,
} from '@stratajs/core';
import { ArrayDataset, cifar10Subset, digits, mnist, type Split } from '@stratajs/data';
import { describe, expect, test } from 'vitest';
import { vision } from '../src/index.js';
import { startEngine } from './engine.js';
import { accuracyAfter } from './training.js';

// Not in beforeAll: which tests run depends on the engine's tier.
await startEngine();
register(vision);

const seeded = (id: string, options: ModelOptions = {}): CallableModel =>
  createModel(id, options, { rng: new Rng(1) }) as CallableModel;

describe('on generated digits', () => {
  const both = async (
    trainCount: number,
  ): Promise<{ train: ArrayDataset; test: ArrayDataset }> => ({
    train: await digits({ count: trainCount, seed: 1 }),
    test: await digits({ count: 1000, seed: 1, split: 'test' }),
  });

  test('mlp reaches 92 % after 8 epochs of 3,000', async () => {
    const model = seeded('mlp', { hidden: [128] });
    const data = await both(3000);
    const accuracy = await accuracyAfter(model, {
      ...data,
      batchSize: 64,
      epochs: 8,
      maxLearningRate: 3e-3,
    });
    expect(accuracy).toBeGreaterThanOrEqual(0.92);
  });

  test('lenet5 reaches 91 % after 3 epochs of 1,500', async () => {
    const data = await both(1500);
    const model = seeded('lenet5');
    const accuracy = await accuracyAfter(model, {
      ...data,
      batchSize: 32,
      epochs: 3,
      maxLearningRate: 4e-3,
    });
    expect(accuracy).toBeGreaterThanOrEqual(0.91);
  });
});

const slow =
  activeBackend()!.info.tier === 'native' ? null : 'without native kernels it takes many minutes';
const absent =
  (process.env['STRATA_DATA_DIR'] ?? '') === ''
    ? 'STRATA_DATA_DIR names no folder with the files'
    : null;

/** `describe`, or nothing but the reason why not. */
function describeUnless(reason: string | null, name: string, tests: () => void): void {
  if (reason !== null) console.log(`Learning tests ${name} are skipped: ${reason}.`);
  describe.skipIf(reason !== null)(reason === null ? name : `${name} (${reason})`, () => {
    tests();
  });
}

describeUnless(slow, 'of deep networks on generated digits', () => {
  test('resnet20 reaches 90 % after 1 epoch of 1,500', async () => {
    const data = {
      train: await wideDigits('train', 1500),
      test: await wideDigits('test', 500),
    };
    const model = seeded('resnet20');
    const accuracy = await accuracyAfter(model, {
      ...data,
      batchSize: 16,
      epochs: 1,
      maxLearningRate: 1e-2,
    });
    expect(accuracy).toBeGreaterThanOrEqual(0.9);
  });
});

describeUnless(absent ?? slow, 'on published data', () => {
  test('lenet5 reaches 98.7 % on MNIST after 2 epochs', async () => {
    const data = { train: await mnist(), test: await mnist({ split: 'test' }) };
    const model = seeded('lenet5');
    const accuracy = await accuracyAfter(model, {
      ...data,
      batchSize: 64,
      epochs: 2,
      maxLearningRate: 4e-3,
    });
    expect(accuracy).toBeGreaterThanOrEqual(0.987);
  });

  test('resnet20 reaches 42 % on CIFAR-10 after 1 epoch of 8,000 images', async () => {
    const data = {
      train: (await cifar10Subset()).slice(0, 8000),
      test: (await cifar10Subset({ split: 'test' })).slice(0, 1000),
    };
    const model = seeded('resnet20');
    const accuracy = await accuracyAfter(model, {
      ...data,
      batchSize: 16,
      epochs: 1,
      maxLearningRate: 3e-3,
    });
    expect(accuracy).toBeGreaterThanOrEqual(0.42);
  });
});

/** Digits of 32x32 pixels in three equal channels. */
async function wideDigits(split: Split, count: number): Promise<ArrayDataset> {
  const { inputs, labels, name } = await digits({ size: 32, count, seed: 1, split });
  const data = new Uint8Array(inputs.data.length * 3);
  inputs.data.forEach((v, i) => data.fill(v, 3 * i, 3 * i + 3));
  return new ArrayDataset({
    name,
    inputs: { data, shape: [32, 32, 3] },
    labels,
    numClasses: 10,
    mean: 0.12,
    std: 0.27,
  });
}
