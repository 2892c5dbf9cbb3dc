/** Convolutional networks learn on the CPU engine's WASM tier, too: what a browser has without a GPU. */
import { cpu } from '@stratajs/backend-cpu';
import {
  type CallableModel,
  closeBackends,
  createModel,
  dispose,
  memory,
  register,
  Rng,
  type Tensor,
  tensor,
  use,
  valueAndGrad,
} from '@stratajs/core';
import { digits } from '@stratajs/data';
import { losses } from '@stratajs/layers';
import { Adam } from '@stratajs/optimizers';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { vision } from '../src/index.js';
import { accuracyAfter } from './training.js';

beforeAll(async () => {
  await use(cpu({ tier: 'wasm' }));
  register(vision);
});
afterAll(closeBackends);

test('lenet5 reaches 91 % on generated digits after 3 epochs of 1,500', async () => {
  const model = createModel('lenet5', {}, { rng: new Rng(1) }) as CallableModel;
  const accuracy = await accuracyAfter(model, {
    train: await digits({ count: 1500, seed: 1 }),
    test: await digits({ count: 1000, seed: 1, split: 'test' }),
    batchSize: 32,
    epochs: 3,
    maxLearningRate: 4e-3,
  });
  expect(accuracy).toBeGreaterThanOrEqual(0.91);
});

test('resnet20 learns a batch by heart, and leaves nothing behind', async () => {
  const model = createModel('resnet20', {}, { rng: new Rng(1) }) as CallableModel;
  const optimizer = new Adam(model, { learningRate: 3e-3 });
  const rng = new Rng(2);
  const x: Tensor = rng.normal([8, 32, 32, 3]);
  const y = tensor([0, 1, 2, 3, 4, 5, 6, 7], [8], 'int32');
  const seen: number[] = [];
  const held: number[] = [];
  for (let step = 0; step < 10; step++) {
    const { value, grads } = valueAndGrad(() => losses.crossEntropy(model.forward(x), y), model)();
    optimizer.step(grads);
    seen.push(((await value.data()) as Float32Array)[0]!);
    dispose([value, grads]);
    held.push(memory().numTensors);
  }
  expect(seen[0]).toBeGreaterThan(2);
  expect(seen.at(-1)).toBeLessThan(0.5);
  expect(new Set(held.slice(1)).size).toBe(1);
});
