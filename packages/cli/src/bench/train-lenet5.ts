// Trains LeNet-5 for as many steps as the argument says, and prints what memory that took.
import { cpu } from '@stratajs/backend-cpu';
import {
  createModel,
  memory,
  register,
  Rng,
  tensor,
  tidy,
  use,
  valueAndGrad,
} from '@stratajs/core';
import { losses, type Module } from '@stratajs/layers';
import { Adam } from '@stratajs/optimizers';
import { vision } from '@stratajs/vision';

const steps = Number(process.argv[2]);
await use(cpu());
register(vision);
const rng = new Rng(1);
const model = createModel('lenet5', {}, { rng }) as Module & { forward(x: unknown): never };
const optimizer = new Adam(model, { learningRate: 1e-3 });
const megabytes = (): number => process.memoryUsage.rss() / 1e6;

let peak = 0;
let early = { megabytes: 0, tensors: 0 };
for (let step = 1; step <= steps; step++) {
  // New data every step, as a loader brings it.
  const x = rng.uniform([64, 28, 28, 1]);
  const y = tensor(Int32Array.from({ length: 64 }, () => rng.nextInt(10)));
  tidy(() => {
    const { grads } = valueAndGrad(() => losses.crossEntropy(model.forward(x), y), model)();
    optimizer.step(grads);
  });
  x.dispose();
  y.dispose();
  if (step % 100 === 0) {
    // Lets finalizers run, as they do in a program that waits for its data.
    await new Promise((resolve) => setImmediate(resolve));
    peak = Math.max(peak, megabytes());
  }
  if (step === Math.ceil(steps / 10))
    early = { megabytes: megabytes(), tensors: memory().numTensors };
}
console.log(
  JSON.stringify({
    steps,
    earlyMegabytes: early.megabytes,
    lateMegabytes: megabytes(),
    peakMegabytes: Math.max(peak, megabytes()),
    earlyTensors: early.tensors,
    lateTensors: memory().numTensors,
  }),
);
