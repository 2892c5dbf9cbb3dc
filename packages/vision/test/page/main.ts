/** The programs that the browser runs on the WASM tier, as a user would write them. */
import { cpu, type CpuOptions } from '@stratajs/backend-cpu';
import {
  activeBackend,
  type CallableModel,
  createModel,
  dispose,
  matmul,
  memory,
  register,
  Rng,
  tensor,
  use,
  valueAndGrad,
} from '@stratajs/core';
import { digits, Loader } from '@stratajs/data';
import { losses } from '@stratajs/layers';
import { Adam } from '@stratajs/optimizers';
import { vision } from '../../src/index.js';

export interface Trained {
  readonly tier: string;
  readonly threads: number;
  readonly simd: boolean;
  readonly whyNotHigher: string;
  /** Of the first and the last five steps, the mean. */
  readonly first: number;
  readonly last: number;
  /** Numbers of tensors seen after a step. */
  readonly tensors: readonly number[];
}

async function train(options: CpuOptions): Promise<Trained> {
  await use(cpu(options));
  register(vision);
  const model = createModel('lenet5', {}, { rng: new Rng(1) }) as CallableModel;
  const optimizer = new Adam(model, { learningRate: 2e-3 });
  const images = await digits({ split: 'train', count: 640, seed: 1 });
  const seen: number[] = [];
  const tensors = new Set<number>();
  for (let epoch = 0; epoch < 2; epoch++) {
    for (const { x, y } of new Loader(images, { batchSize: 32, seed: 1 }).epoch(epoch)) {
      const step = valueAndGrad(() => losses.crossEntropy(model.forward(x), y), model);
      const { value, grads } = step();
      optimizer.step(grads);
      seen.push(((await value.data()) as Float32Array)[0]!);
      dispose([value, grads, x, y]);
      tensors.add(memory().numTensors);
    }
  }
  const mean = (values: number[]): number => values.reduce((a, b) => a + b, 0) / values.length;
  const { info } = activeBackend()!;
  return {
    tier: info.tier,
    threads: info.threads!,
    simd: info['simd'] as boolean,
    whyNotHigher: info.whyNotHigher!,
    first: mean(seen.slice(0, 5)),
    last: mean(seen.slice(-5)),
    tensors: [...tensors],
  };
}

/** What it falls back to, and the elements of a product there. */
async function fall(options: CpuOptions): Promise<object> {
  const { info } = await use(cpu(options));
  const product = await matmul(tensor([[1, 2]]), tensor([[3], [4]])).array();
  return { tier: info.tier, whyNotHigher: info.whyNotHigher, product };
}

const programs = { train, fall };

Object.assign(globalThis, {
  run: (name: keyof typeof programs, given: CpuOptions) => programs[name](given),
});
