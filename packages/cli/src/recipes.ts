/** How a model is trained when the user does not say: settings known to work. */
import { ConfigError, type ModuleLike, nearest } from '@stratajs/core';
import { Adam, AdamW, type Optimizer, type Schedule, schedules, SGD } from '@stratajs/optimizers';

type OptimizerName = 'adam' | 'adamw' | 'sgd';
type ScheduleName = 'constant' | 'one-cycle' | 'step';

export interface Recipe {
  readonly optimizer: OptimizerName;
  readonly schedule: ScheduleName;
  /** The highest rate that the schedule reaches. */
  readonly learningRate: number;
  readonly weightDecay: number;
  readonly batchSize: number;
  readonly epochs: number;
  /** Random shifts and flips of the images. */
  readonly augment: boolean;
}

export const OPTIMIZERS: Readonly<
  Record<OptimizerName, (model: ModuleLike, r: Recipe) => Optimizer>
> = {
  adam: (model, { learningRate, weightDecay }) => new Adam(model, { learningRate, weightDecay }),
  adamw: (model, { learningRate, weightDecay }) => new AdamW(model, { learningRate, weightDecay }),
  sgd: (model, { learningRate, weightDecay }) =>
    new SGD(model, { learningRate, weightDecay, momentum: 0.9 }),
};

export const SCHEDULES: Readonly<
  Record<ScheduleName, (r: Recipe, totalSteps: number) => Schedule>
> = {
  constant: ({ learningRate }) => schedules.constant(learningRate),
  'one-cycle': ({ learningRate }, totalSteps) =>
    schedules.oneCycle({ maxLearningRate: learningRate, totalSteps }),
  step: ({ learningRate }, totalSteps) =>
    schedules.step({ initial: learningRate, stepSize: Math.ceil(totalSteps / 3), gamma: 0.1 }),
};

const GENERAL: Recipe = {
  optimizer: 'adam',
  schedule: 'one-cycle',
  learningRate: 1e-3,
  weightDecay: 0,
  batchSize: 64,
  epochs: 5,
  augment: false,
};

const BY_MODEL: Readonly<Record<string, Partial<Recipe>>> = {
  lenet5: { learningRate: 4e-3, epochs: 2 },
  mlp: { batchSize: 128 },
  // He et al. 2016, section 4.2.
  resnet20: {
    optimizer: 'sgd',
    learningRate: 0.1,
    weightDecay: 1e-4,
    batchSize: 128,
    epochs: 30,
    augment: true,
  },
};

/** The recipe for a model, with what the user said in place of its own. */
export function recipeFor(model: string, said: Partial<Recipe>): Recipe {
  const given = Object.fromEntries(Object.entries(said).filter(([, v]) => v !== undefined));
  return { ...GENERAL, ...BY_MODEL[model], ...given };
}

/** @throws ConfigError unless `name` is one of the names of `known`. */
export function oneOf<T extends string>(what: string, known: readonly T[]): (name: string) => T {
  return (name) => {
    const found = known.find((k) => k === name);
    if (found === undefined)
      throw new ConfigError(`Unknown ${what}. Received: '${name}'.${nearest(name, known)}`);
    return found;
  };
}
