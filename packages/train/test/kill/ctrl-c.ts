/** Trains until Ctrl-C, which it gives itself at step 3, and prints what fit() said. Argument: run directory. */
import { losses } from '@stratajs/layers';
import { SGD } from '@stratajs/optimizers';
import { Trainer } from '../../src/index.js';
import { useTestEngine } from '../engine.js';
import { toyLoader, toyModel } from '../toy.js';

await useTestEngine();
const controller = new AbortController();
process.once('SIGINT', () => controller.abort());
const model = toyModel();
const trainer = new Trainer({
  model,
  optimizer: new SGD(model, { learningRate: 0.1 }),
  loss: losses.crossEntropy,
  runDir: process.argv[2]!,
  callbacks: { onStepEnd: ({ step }) => void (step === 3 && process.kill(process.pid, 'SIGINT')) },
});
const { interrupted, step, checkpoint } = await trainer.fit(toyLoader(), {
  epochs: 1000,
  signal: controller.signal,
});
console.log(JSON.stringify({ interrupted, step, checkpoint }));
