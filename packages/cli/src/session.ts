/** A model with its data, optimizer and trainer, as the commands build it from a run's configuration. */
import {
  ConfigError,
  createModel,
  modelEntry,
  register,
  Rng,
  seed as seedDefault,
} from '@stratajs/core';
import { type ArrayDataset, Loader, loadDataset, randomCrop, randomFlip } from '@stratajs/data';
import { losses, type Module } from '@stratajs/layers';
import { type Callbacks, metrics, Trainer } from '@stratajs/train';
import { vision } from '@stratajs/vision';
import { OPTIMIZERS, SCHEDULES } from './recipes.js';
import type { RunConfig } from './run-config.js';

export interface Session {
  readonly trainer: Trainer;
  readonly model: Module;
  readonly train: Loader;
  readonly test: Loader;
  readonly dataSet: ArrayDataset;
}

export interface SessionOptions {
  /** Where the run goes. Default: nothing is written. */
  readonly runDir?: string;
  /** Whether to draw no progress. */
  readonly quiet: boolean;
  readonly callbacks?: Callbacks;
}

/** @throws ConfigError when the model, an option or the data set is unknown, or they do not fit. */
export async function buildSession(
  config: RunConfig,
  { runDir, quiet, callbacks = {} }: SessionOptions,
): Promise<Session> {
  const { model: id, options, data, seed, recipe } = config;
  register(vision);
  const entry = modelEntry(id);
  if (entry.task !== 'classification') {
    throw new ConfigError(
      `This command trains classifiers. Received: '${id}', whose task is ${entry.task}.`,
    );
  }
  const transforms = recipe.augment
    ? { transforms: [randomCrop({ padding: 4 }), randomFlip()] }
    : {};
  const trainSet = await loadDataset(data, { split: 'train', ...transforms });
  const testSet = await loadDataset(data, { split: 'test' });
  seedDefault(seed);
  const rng = new Rng(seed);
  const model = createModel(id, options, { rng }) as Module;
  const train = new Loader(trainSet, { batchSize: recipe.batchSize, rng: rng.fork('loader') });
  const totalSteps = recipe.epochs * train.length;
  const trainer = new Trainer({
    model,
    optimizer: OPTIMIZERS[recipe.optimizer](model, recipe),
    schedule: SCHEDULES[recipe.schedule](recipe, totalSteps),
    loss: losses.crossEntropy,
    metrics: { accuracy: metrics.accuracy() },
    config: { command: { ...config } as never },
    progress: !quiet,
    callbacks,
    ...(runDir === undefined ? {} : { runDir }),
  });
  const test = new Loader(testSet, { batchSize: 250, shuffle: false });
  return { trainer, model, train, test, dataSet: trainSet };
}
