import {
  ConfigError,
  describeValue,
  type ModuleLike,
  nearest,
  type Rng,
  Scalar,
} from '@stratajs/core';
import type { Optimizer, Schedule } from '@stratajs/optimizers';
import type { Callbacks } from './callbacks.js';
import type { Metrics } from './epoch-totals.js';
import type { JsonObject } from './json.js';
import type { CompiledStepOptions, Loss, TransformGradients } from './train-step.js';

export interface TrainerOptions {
  /** Maps one tensor to one tensor. */
  readonly model: ModuleLike;
  /** Made with the same model. */
  readonly optimizer: Optimizer;
  /** The mean loss of a batch, a scalar. */
  readonly loss: Loss;
  /** By name; 'loss' is taken. Default none. */
  readonly metrics?: Metrics;
  /** The learning rate by the number of steps done. Default: the optimizer's own stays. */
  readonly schedule?: Schedule;
  /** Changes the gradients before the update, for example `(g) => clipByGlobalNorm(g, 1)`. */
  readonly transformGradients?: TransformGradients;
  /** Where config.json, metrics.jsonl and checkpoints go. Default: nowhere, nothing is written. */
  readonly runDir?: string;
  /** Which checkpoints are written there, and kept. */
  readonly checkpoints?: CheckpointOptions;
  /** One set of callbacks, or several. Default none. */
  readonly callbacks?: Callbacks | readonly Callbacks[];
  /**
   * A loss or gradient that is not finite is found within so many steps; never does it change a weight.
   * Default: 1, and 20 on engines that say that reads stall them, as those of GPUs do.
   */
  readonly checkEvery?: number;
  /** metrics.jsonl gets a line every so many steps, besides those of epochs. Default 50. */
  readonly logEvery?: number;
  /** Sets the default generator when a new training begins. Default: it goes on from where it stands. */
  readonly seed?: number;
  /** Generators that training draws from beyond the model's own and the default one, for checkpoints. */
  readonly rngs?: Readonly<Record<string, Rng>>;
  /** What builds model and data anew, for example `{ model: { id, options } }`: kept in config.json and checkpoints. */
  readonly config?: JsonObject;
  /**
   * Whether the step is compiled: recorded once, then run without its JavaScript (see `compile()` of @stratajs/core). Default true;
   * a step that cannot be compiled runs eagerly, with a warning that says why. `{ checkEvery: 100 }` also runs every hundredth step
   * eagerly, and stops training with a CompileError where the two differ.
   */
  readonly compile?: boolean | CompiledStepOptions;
  /** Shows progress on stderr: a bar on a terminal, plain lines elsewhere. Default true. */
  readonly progress?: boolean;
}

export interface CheckpointOptions {
  /** Default: none within an epoch. */
  readonly everySteps?: number;
  /** Default 1. The end of training and an interruption are saved always. */
  readonly everyEpochs?: number;
  /** The newest that are kept. Default 3. */
  readonly keepLast?: number;
}

const KNOWN = [
  'model',
  'optimizer',
  'loss',
  'metrics',
  'schedule',
  'transformGradients',
  'runDir',
  'checkpoints',
  'callbacks',
  'checkEvery',
  'logEvery',
  'seed',
  'rngs',
  'config',
  'compile',
  'progress',
];

/** @throws ConfigError that names the first option which is not what it must be. */
export function checkTrainerOptions(options: TrainerOptions): void {
  checkKnown('Trainer', options, KNOWN);
  const { model, optimizer, loss, metrics = {}, schedule, transformGradients } = options;
  demand(
    hasMethods(model, ['forward', 'namedParameters', 'namedStates', 'train', 'eval']),
    'The model of a Trainer is a Module',
    model,
  );
  demand(
    hasMethods(optimizer, ['step', 'namedStates', 'state', 'restore']) &&
      optimizer.learningRate instanceof Scalar,
    'The optimizer of a Trainer is one such as SGD or Adam, made with the model',
    optimizer,
  );
  demand(
    typeof loss === 'function',
    'The loss of a Trainer is a function (output, target) => scalar',
    loss,
  );
  demand(
    schedule === undefined || typeof schedule === 'function',
    'The schedule of a Trainer is a function (step) => learning rate',
    schedule,
  );
  demand(
    transformGradients === undefined || typeof transformGradients === 'function',
    'transformGradients is a function (gradients) => gradients',
    transformGradients,
  );
  for (const [name, metric] of Object.entries(metrics)) {
    demand(
      name !== 'loss' && name !== '' && !name.includes('/'),
      "The name of a metric is not 'loss', not empty, and without '/'",
      name,
    );
    demand(
      hasMethods(metric, ['init', 'update', 'value']),
      `The metric '${name}' is one such as metrics.accuracy(), called`,
      metric,
    );
  }
  const { runDir, checkpoints = {}, callbacks = [], checkEvery, logEvery } = options;
  demand(
    runDir === undefined || (typeof runDir === 'string' && runDir !== ''),
    "runDir is a path, for example 'runs/first'",
    runDir,
  );
  for (const callback of [callbacks].flat()) {
    demand(
      typeof callback === 'object' && callback !== null,
      'The callbacks of a Trainer are objects such as { onEpochEnd(record) { … } }',
      callback,
    );
  }
  checkKnown('checkpoints', checkpoints, ['everySteps', 'everyEpochs', 'keepLast']);
  for (const [name, value] of Object.entries({ checkEvery, logEvery, ...checkpoints })) {
    // Unread gates pile up, so that there must be an end to them; the others may be 'never'.
    const never = value === Infinity && name !== 'checkEvery';
    const fits = value === undefined || never || (Number.isInteger(value) && value >= 1);
    demand(fits, `${name} is an integer of at least 1`, value);
  }
}

/** @throws ConfigError for an option that is not among `known`, with the nearest that is. */
export function checkKnown(what: string, options: unknown, known: readonly string[]): void {
  if (typeof options !== 'object' || options === null) {
    throw new ConfigError(
      `The options of ${what} are an object. Received: ${describeValue(options)}.`,
    );
  }
  for (const name of Object.keys(options)) {
    if (!known.includes(name)) {
      throw new ConfigError(
        `Unknown option of ${what}. Received: '${name}'.${nearest(name, known)}`,
      );
    }
  }
}

function demand(condition: boolean, rule: string, received: unknown): void {
  if (!condition) throw new ConfigError(`${rule}. Received: ${describeValue(received)}.`);
}

function hasMethods(value: unknown, names: readonly string[]): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return names.every((name) => typeof (value as Record<string, unknown>)[name] === 'function');
}
