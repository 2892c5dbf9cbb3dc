/** What a run's config.json holds under `command`: enough to build its model and data anew. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CheckpointError, type ModelOptions } from '@stratajs/core';
import type { Recipe } from './recipes.js';

export interface RunConfig {
  readonly model: string;
  readonly options: ModelOptions;
  readonly data: string;
  readonly seed: number;
  readonly recipe: Recipe;
}

/** @throws CheckpointError when the folder is no run of this command. */
export function readRunConfig(runDir: string): RunConfig {
  const path = join(runDir, 'config.json');
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    throw new CheckpointError(
      `A run is a folder that 'strata train' made. Received: '${runDir}', which has no config.json. ` +
        'Its path is the last line that training prints.',
      { cause },
    );
  }
  let config: { command?: RunConfig };
  try {
    config = JSON.parse(text) as { command?: RunConfig };
  } catch (cause) {
    throw new CheckpointError(
      `${path} is not JSON. It was changed or cut off: restore it, or train anew.`,
      { cause },
    );
  }
  const { command } = config;
  if (
    typeof command?.model !== 'string' ||
    typeof command.data !== 'string' ||
    typeof command.recipe !== 'object'
  ) {
    throw new CheckpointError(
      `${path} does not say which model and data set the run used: another program made it. ` +
        'Build its model there, and load the checkpoint with loadCheckpoint().',
    );
  }
  return command;
}
