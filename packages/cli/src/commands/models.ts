import { ConfigError, listModels, nearest, register } from '@stratajs/core';
import { vision } from '@stratajs/vision';
import { Command } from 'commander';
import { table } from '../table.js';

export function modelsCommand(): Command {
  return new Command('models')
    .description('List the models that can be built')
    .option('--task <task>', 'only models for this task, for example classification')
    .option('--json', 'print a list of objects')
    .action(({ task, json }: { task?: string; json?: true }) => {
      register(vision);
      const tasks = [...new Set(listModels().map((m) => m.task))];
      if (task !== undefined && !tasks.includes(task)) {
        throw new ConfigError(`No model has the task '${task}'.${nearest(task, tasks)}`);
      }
      const models = listModels(task === undefined ? {} : { task });
      if (json) console.log(JSON.stringify(models, null, 2));
      else {
        console.log(
          table(
            ['id', 'family', 'task', 'parameters', 'paper'],
            models.map((m) => [m.id, m.family, m.task, m.parameters.toLocaleString('en'), m.paper]),
          ),
        );
      }
    });
}
