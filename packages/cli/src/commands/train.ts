import { existsSync } from 'node:fs';
import { ConfigError, type ModelOptions, modelEntry, register } from '@stratajs/core';
import { vision } from '@stratajs/vision';
import { Command } from 'commander';
import { modelOption, positiveNumber, wholeNumber } from '../arguments.js';
import { openEngine } from '../engine.js';
import { Interrupted } from '../interrupted.js';
import { oneOf, OPTIMIZERS, type Recipe, recipeFor, SCHEDULES } from '../recipes.js';
import { readRunConfig, type RunConfig } from '../run-config.js';
import { buildSession } from '../session.js';

interface Options extends Partial<Omit<Recipe, 'augment'>> {
  readonly data?: string;
  readonly option: ModelOptions;
  readonly seed: number;
  readonly run?: string;
  readonly backend?: string;
  readonly resume?: string;
  readonly json?: true;
}

const keys = <T extends object>(o: T): (keyof T & string)[] =>
  Object.keys(o) as (keyof T & string)[];

export function trainCommand(): Command {
  return new Command('train')
    .description('Train a model on a data set, and test it')
    .argument('[model]', 'a model id; `strata models` lists them. Not with --resume')
    .option('--data <name>', 'a data set; `strata info` lists them')
    .option('-o, --option <key=value>', 'an option of the model; repeatable', modelOption, {})
    .option('--epochs <n>', 'passes over the data', wholeNumber('--epochs', 1))
    .option('--batch-size <n>', 'samples in a step', wholeNumber('--batch-size', 1))
    .option(
      '--learning-rate <rate>',
      'the highest that the schedule reaches',
      positiveNumber('--learning-rate'),
    )
    .option('--optimizer <name>', keys(OPTIMIZERS).join(', '), oneOf('optimizer', keys(OPTIMIZERS)))
    .option('--schedule <name>', keys(SCHEDULES).join(', '), oneOf('schedule', keys(SCHEDULES)))
    .option(
      '--seed <n>',
      'decides weights, order of the data and dropout',
      wholeNumber('--seed', 0),
      1,
    )
    .option('--run <folder>', 'where the run goes; default runs/<model>-<data>-<time>')
    .option('--backend <name>', 'the engine to compute on; `strata info` lists them')
    .option('--resume <folder>', 'go on with an interrupted run')
    .option('--json', 'print JSON lines, the last one the result')
    .action(async (model: string | undefined, options: Options) => {
      await train(configOf(model, options), options);
    });
}

function configOf(model: string | undefined, options: Options): RunConfig {
  if (options.resume !== undefined) {
    if (model !== undefined) {
      throw new ConfigError(
        `--resume goes on with the run's own model. Received: the model '${model}' too. Leave it out.`,
      );
    }
    return readRunConfig(options.resume);
  }
  if (model === undefined) {
    throw new ConfigError(
      'train needs a model, for example: strata train lenet5 --data mnist. Received: none.',
    );
  }
  register(vision);
  modelEntry(model);
  if (options.data === undefined) {
    throw new ConfigError(
      `train needs a data set, for example: strata train ${model} --data mnist. Received: none.`,
    );
  }
  const { epochs, batchSize, learningRate, optimizer, schedule, data, seed, option } = options;
  const said = { epochs, batchSize, learningRate, optimizer, schedule };
  const recipe = recipeFor(model, said as Partial<Recipe>);
  return { model, options: option, data, seed, recipe };
}

/** Trains until done, or until Ctrl-C, which ends training after the step in hand. */
async function train(config: RunConfig, options: Options): Promise<void> {
  const controller = new AbortController();
  const interrupt = (): void => controller.abort();
  process.once('SIGINT', interrupt);
  process.once('SIGTERM', interrupt);
  try {
    await trainUntil(controller.signal, config, options);
  } finally {
    process.removeListener('SIGINT', interrupt);
    process.removeListener('SIGTERM', interrupt);
  }
}

async function trainUntil(signal: AbortSignal, config: RunConfig, options: Options): Promise<void> {
  const { json, resume } = options;
  const say = (event: string, facts: object, text: string): void => {
    console.log(json ? JSON.stringify({ event, ...facts }) : text);
  };
  const runDir = resume ?? options.run ?? freshRunDir(`${config.model}-${config.data}`);
  const { name: backend, info } = await openEngine(options.backend);
  const { tier, description } = info;
  const { trainer, train, test, dataSet } = await buildSession(config, {
    runDir,
    quiet: json === true,
    callbacks: json ? { onEpochEnd: (epoch) => say('epoch', epoch, '') } : {},
  });
  const { name: data, length: samples, source } = dataSet;
  say(
    'start',
    { backend, tier, data, source, samples },
    `${config.model} on ${data} (${samples} samples, ${source.kind}); engine: ${tier}, ${description}`,
  );
  const { epochs } = config.recipe;
  const history = await trainer.fit(train, { epochs, signal, resume: resume !== undefined });
  const { step, seconds } = history;
  if (history.interrupted) {
    const command = `strata train --resume ${runDir}`;
    const text = `interrupted after step ${step}; to go on: ${command}`;
    say('interrupted', { step, runDir, resume: command }, text);
    throw new Interrupted();
  }
  const { accuracy, loss } = await trainer.evaluate(test);
  const percent = (100 * accuracy!).toFixed(2);
  const result = {
    model: config.model,
    data,
    epochs,
    seed: config.seed,
    testAccuracy: accuracy,
    testLoss: loss,
    trainSeconds: seconds,
    backend,
    tier,
    runDir,
  };
  say(
    'result',
    result,
    `test accuracy ${percent} %, trained in ${seconds.toFixed(1)} s\nrun: ${runDir}`,
  );
}

/** runs/<name>-<local time>, with a number behind it where that is taken. */
function freshRunDir(name: string): string {
  const now = new Date();
  const two = (n: number): string => String(n).padStart(2, '0');
  const day = `${now.getFullYear()}${two(now.getMonth() + 1)}${two(now.getDate())}`;
  const base = `runs/${name}-${day}-${two(now.getHours())}${two(now.getMinutes())}${two(now.getSeconds())}`;
  let path = base;
  for (let i = 2; existsSync(path); i++) path = `${base}-${i}`;
  return path;
}
