import { type CallableModel, Rng } from '@stratajs/core';
import { type ArrayDataset, Loader } from '@stratajs/data';
import { losses } from '@stratajs/layers';
import { Adam, type Optimizer, schedules } from '@stratajs/optimizers';
import { metrics, Trainer } from '@stratajs/train';

export interface Training {
  readonly train: ArrayDataset;
  readonly test: ArrayDataset;
  readonly batchSize: number;
  readonly epochs: number;
  /** The peak of one cycle. */
  readonly maxLearningRate: number;
  /** Default: Adam. */
  readonly optimizer?: (model: CallableModel) => Optimizer;
}

/** Trains along one cycle, and gives the part of the test set that the model has right. */
export async function accuracyAfter(model: CallableModel, training: Training): Promise<number> {
  const { train, test, batchSize, epochs, maxLearningRate } = training;
  const loader = new Loader(train, { batchSize, dropLast: true, rng: new Rng(11) });
  const trainer = new Trainer({
    model,
    optimizer: training.optimizer?.(model) ?? new Adam(model),
    loss: losses.crossEntropy,
    metrics: { accuracy: metrics.accuracy() },
    schedule: schedules.oneCycle({ maxLearningRate, totalSteps: epochs * loader.length }),
    progress: false,
  });
  await trainer.fit(loader, { epochs });
  const result = await trainer.evaluate(new Loader(test, { batchSize: 250, shuffle: false }));
  return result['accuracy']!;
}
