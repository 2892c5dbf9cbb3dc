/** Strata's side of a comparison: the public packages, as a user calls them. */
import { cpu } from '@stratajs/backend-cpu';
import {
  activeBackend,
  createModel,
  matmul,
  register,
  Rng,
  slice,
  type Tensor,
  tensor,
  tidy,
  use,
  valueAndGrad,
} from '@stratajs/core';
import { losses, type Module } from '@stratajs/layers';
import { Adam } from '@stratajs/optimizers';
import { vision } from '@stratajs/vision';
import { servePeer } from './protocol.js';

type Run = (times: number) => Promise<number>;

await use(cpu());
register(vision);

const workloads: Record<string, () => Run> = {
  'matmul-1024': () => {
    const rng = new Rng(1);
    const a = rng.normal([1024, 1024]);
    const b = rng.normal([1024, 1024]);
    return async (times) => {
      for (let i = 1; i < times; i++) matmul(a, b).dispose();
      const product = matmul(a, b);
      const corner = slice(product, [0, 0], [1, 1]);
      const value = (await corner.data())[0] as number;
      product.dispose();
      corner.dispose();
      return value;
    };
  },
  'lenet5-step': () => trainingStep('lenet5', [64, 28, 28, 1]),
  'mlp-step': () => trainingStep('mlp', [128, 784]),
};

function trainingStep(id: string, shape: readonly number[]): Run {
  const rng = new Rng(1);
  const model = createModel(id, {}, { rng }) as Module;
  const optimizer = new Adam(model, { learningRate: 1e-3 });
  const x = rng.uniform(shape);
  const y = tensor(Int32Array.from({ length: shape[0]! }, () => rng.nextInt(10)));
  const forward = model as unknown as { forward(x: Tensor): Tensor };
  const gradients = valueAndGrad(() => losses.crossEntropy(forward.forward(x), y), model);
  const step = (): Tensor =>
    tidy(() => {
      const { value, grads } = gradients();
      optimizer.step(grads);
      return value;
    });
  return async (times) => {
    for (let i = 1; i < times; i++) step().dispose();
    const loss = step();
    const value = (await loss.data())[0] as number;
    loss.dispose();
    return value;
  };
}

await servePeer(
  () => {
    const { name, info } = activeBackend()!;
    return `${name} ${info.tier}${info.isa ? ` ${info.isa}` : ''}, ${info.threads ?? 1} threads`;
  },
  async (name) => {
    const make = workloads[name];
    if (!make) throw new Error(`Strata's side has no workload '${name}'.`);
    return make();
  },
);
