import { createModel, modelEntry, type ModelOptions, register } from '@stratajs/core';
import type { Module } from '@stratajs/layers';
import { vision } from '@stratajs/vision';
import { Command } from 'commander';
import { modelOption } from '../arguments.js';
import { openEngine } from '../engine.js';

export function summaryCommand(): Command {
  return new Command('summary')
    .description("Show a model's layers, output shapes and parameters")
    .argument('<model>', 'a model id; `strata models` lists them')
    .option('-o, --option <key=value>', 'an option of the model; repeatable', modelOption, {})
    .option('--json', 'print one object')
    .action(async (id: string, { option, json }: { option: ModelOptions; json?: true }) => {
      register(vision);
      const entry = modelEntry(id);
      await openEngine();
      const model = createModel(id, option) as Module;
      const summary = model.summary(entry.exampleInput({ ...entry.options, ...option }).shape);
      if (json) {
        const { rows, total, trainable } = summary;
        console.log(JSON.stringify({ id, paper: entry.paper, rows, total, trainable }, null, 2));
      } else {
        console.log(`${id}: ${entry.paper}\n`);
        console.log(String(summary));
      }
    });
}
