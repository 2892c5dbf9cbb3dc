/** Strata's quick start: LeNet-5 learns to read handwritten digits. */
import { cpu } from '@stratajs/backend-cpu';
import { Rng, use } from '@stratajs/core';
import { Loader } from '@stratajs/data';
import { losses } from '@stratajs/layers';
import { Adam, schedules } from '@stratajs/optimizers';
import { metrics, Trainer } from '@stratajs/train';
import { LeNet5 } from '@stratajs/vision';
import { images } from './images.js';
import { announce, conclude } from './report.js';

const { info } = await use(cpu());
const [train, test] = [await images('train', info), await images('test', info)];
announce(info, train);

const epochs = 2;
const rng = new Rng(Number(process.env['STRATA_SEED'] ?? 1));
const loader = new Loader(train, { batchSize: 64, rng });
const model = new LeNet5({ rng });
const trainer = new Trainer({
  model,
  optimizer: new Adam(model),
  schedule: schedules.oneCycle({ maxLearningRate: 4e-3, totalSteps: epochs * loader.length }),
  loss: losses.crossEntropy,
  metrics: { accuracy: metrics.accuracy() },
  runDir: `runs/quickstart-${new Date().toISOString().slice(0, 19).replaceAll(':', '')}`,
});
const history = await trainer.fit(loader, { epochs });
conclude(await trainer.evaluate(new Loader(test, { batchSize: 500, shuffle: false })), history);
