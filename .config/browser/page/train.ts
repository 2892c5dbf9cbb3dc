/** A program for the browser: trains `mlp` on `digits`, as a user would write it. */
import {
  activeBackend,
  type BackendPlugin,
  argMax,
  createModel,
  dispose,
  memory,
  register,
  Rng,
  tensor,
  tidy,
  use,
  valueAndGrad,
} from '@stratajs/core';
import { digits, Loader } from '@stratajs/data';
import { losses } from '@stratajs/layers';
import { Adam, schedules } from '@stratajs/optimizers';
import { type Mlp, vision } from '@stratajs/vision';

export interface Trained {
  readonly engine: string;
  readonly tier: string;
  readonly device: string;
  /** Mean of each epoch. */
  readonly losses: readonly number[];
  readonly accuracy: number;
  /** Tensors alive after each epoch. */
  readonly tensors: readonly number[];
  readonly disposed: boolean;
  readonly seconds: number;
}

export async function train(plugin: BackendPlugin): Promise<Trained> {
  const start = performance.now();
  const { name, info } = await use(plugin);
  register(vision);
  const images = await digits({ split: 'train', count: 2000, seed: 1 });
  const loader = new Loader(images, { batchSize: 50, seed: 1 });
  const model = createModel('mlp', { hidden: [128] }, { rng: new Rng(1) }) as Mlp;
  const optimizer = new Adam(model);
  const epochs = 5;
  const totalSteps = epochs * loader.length;
  const learningRate = schedules.oneCycle({ maxLearningRate: 6e-3, totalSteps });
  let steps = 0;

  const epochLosses: number[] = [];
  const tensors: number[] = [];
  for (let epoch = 0; epoch < epochs; epoch++) {
    let sum = 0;
    for (const { x, y } of loader.epoch(epoch)) {
      const step = valueAndGrad(() => losses.crossEntropy(model.forward(x), y), model);
      const { value, grads } = step();
      optimizer.learningRate.value = learningRate(steps++);
      optimizer.step(grads);
      sum += ((await value.data()) as Float32Array)[0]!;
      dispose([value, grads, x, y]);
    }
    epochLosses.push(sum / loader.length);
    tensors.push(memory().numTensors);
  }
  const accuracy = await evaluate(model);
  const t = tensor([1]);
  t[Symbol.dispose]();
  return {
    engine: name,
    tier: info.tier,
    device: activeBackend()!.info.description,
    losses: epochLosses,
    accuracy,
    tensors,
    disposed: t.isDisposed,
    seconds: (performance.now() - start) / 1000,
  };
}

async function evaluate(model: Mlp): Promise<number> {
  const held = await digits({ split: 'test', count: 400, seed: 1 });
  model.eval();
  let right = 0;
  for (const { x, y } of new Loader(held, { batchSize: 200, shuffle: false }).epoch(0)) {
    const guess = tidy(() => argMax(model.forward(x)));
    const [guesses, labels] = [await guess.data(), await y.data()] as [Int32Array, Int32Array];
    right += guesses.filter((g, i) => g === labels[i]).length;
    dispose([guess, x, y]);
  }
  return right / held.length;
}
