/** Strata's quick start: LeNet-5 learns to read handwritten digits. */
import { cpu } from '@stratajs/backend-cpu';
import { createModel, register, Rng, use } from '@stratajs/core';
import { Loader, loadDataset } from '@stratajs/data';
import { losses, type Module } from '@stratajs/layers';
import { Adam, schedules } from '@stratajs/optimizers';
import { metrics, Trainer } from '@stratajs/train';
import { vision } from '@stratajs/vision';

const seed = Number(process.env['STRATA_SEED'] ?? 1);
const epochs = 2;
const runDir = `runs/quickstart-${new Date().toISOString().slice(0, 19).replaceAll(':', '')}`;

const { info } = await use(cpu());
console.log(`engine: ${info.tier}, ${info.description}`);
if (info.whyNotHigher) console.log(`  slower than it could be: ${info.whyNotHigher}`);

// Without native code a few thousand images are what a short wait allows.
const native = info.tier === 'native';
const all = await loadDataset('mnist', { split: 'train', fallback: 'digits' });
const train = native ? all : all.subset(2_000, { rng: new Rng(seed) });
const everyTest = await loadDataset('mnist', { split: 'test', fallback: 'digits' });
const test = native ? everyTest : everyTest.subset(500, { rng: new Rng(seed) });
console.log(`data: ${train.name}, ${train.length} images (${train.source.kind})`);
if (train.source.standsInFor)
  console.log(`  in place of MNIST: ${train.source.standsInFor.reason}`);

register(vision);
const rng = new Rng(seed);
const model = createModel('lenet5', {}, { rng }) as Module;
const loader = new Loader(train, { batchSize: 64, rng });
const totalSteps = epochs * loader.length;
const trainer = new Trainer({
  model,
  optimizer: new Adam(model, { learningRate: 4e-3 }),
  schedule: schedules.oneCycle({ maxLearningRate: 4e-3, totalSteps }),
  loss: losses.crossEntropy,
  metrics: { accuracy: metrics.accuracy() },
  runDir,
});

const start = performance.now();
await trainer.fit(loader, { epochs });
const seconds = (performance.now() - start) / 1000;
const { accuracy } = await trainer.evaluate(new Loader(test, { batchSize: 500, shuffle: false }));
console.log(`test accuracy ${(100 * accuracy!).toFixed(2)} %, trained in ${seconds.toFixed(1)} s`);
console.log(`run: ${runDir}`);
