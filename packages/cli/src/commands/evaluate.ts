import { CheckpointError } from '@stratajs/core';
import { latestCheckpoint, loadCheckpoint } from '@stratajs/train';
import { Command } from 'commander';
import { join } from 'node:path';
import { openEngine } from '../engine.js';
import { readRunConfig } from '../run-config.js';
import { buildSession } from '../session.js';

export function evaluateCommand(): Command {
  return new Command('evaluate')
    .description("Test a run's newest checkpoint")
    .argument('<run>', 'the folder of a run that `strata train` made')
    .option('--data <name>', "another data set's test split; default: the run's own")
    .option('--backend <name>', 'the engine to compute on; `strata info` lists them')
    .option('--json', 'print one object')
    .action(
      async (
        run: string,
        { data, backend, json }: { data?: string; backend?: string; json?: true },
      ) => {
        const saved = readRunConfig(run);
        const config = data === undefined ? saved : { ...saved, data };
        const path = await latestCheckpoint(join(run, 'checkpoints'));
        if (!path)
          throw new CheckpointError(
            `The run '${run}' has no checkpoint yet. Let it train for an epoch, or resume it.`,
          );
        const { name } = await openEngine(backend);
        const { trainer, model, test } = await buildSession(config, { quiet: true });
        const { step } = await loadCheckpoint(path, { model });
        const { accuracy, loss } = await trainer.evaluate(test);
        const result = {
          model: config.model,
          data: config.data,
          checkpoint: path,
          step,
          testAccuracy: accuracy,
          testLoss: loss,
          backend: name,
        };
        if (json) console.log(JSON.stringify(result));
        else
          console.log(
            `${config.model} after ${step} steps on ${config.data}: test accuracy ${(100 * accuracy!).toFixed(2)} %, loss ${loss!.toFixed(4)}`,
          );
      },
    );
}
