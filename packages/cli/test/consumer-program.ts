// Compiled and run by consumer.test.ts in a project that has only the packed packages.
import { cpu } from '@stratajs/backend-cpu';
import {
  createModel,
  register,
  Rng,
  type Tensor,
  tensor,
  tidy,
  use,
  valueAndGrad,
} from '@stratajs/core';
import { losses, type Module } from '@stratajs/layers';
import { Adam } from '@stratajs/optimizers';
import { vision } from '@stratajs/vision';

declare const console: { log(text: string): void };

const { name } = await use(cpu());
register(vision);
const rng = new Rng(7);
const model = createModel(
  'mlp',
  { inputSize: 4, hidden: [16], numClasses: 2 },
  { rng },
) as Module & {
  forward(x: Tensor): Tensor;
};
const x = rng.normal([64, 4]);
const values = await x.data();
const y = tensor(
  Int32Array.from({ length: 64 }, (_, i) => ((values[4 * i] as number) > 0 ? 1 : 0)),
);
const optimizer = new Adam(model, { learningRate: 0.01 });
const gradients = valueAndGrad(() => losses.crossEntropy(model.forward(x), y), model);
let first = Number.NaN;
let loss = Number.NaN;
for (let step = 0; step < 200; step++) {
  using value = tidy(() => {
    const { value, grads } = gradients();
    optimizer.step(grads);
    return value;
  });
  loss = (await value.array()) as number;
  if (step === 0) first = loss;
}
console.log(JSON.stringify({ first, loss, engine: name }));
