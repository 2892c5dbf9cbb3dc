/** The `strata` command: its subcommands, and what its exit codes mean. */
import { ConfigError } from '@stratajs/core';
import { Command, CommanderError } from 'commander';
import { benchCommand } from './commands/bench.js';
import { evaluateCommand } from './commands/evaluate.js';
import { infoCommand } from './commands/info.js';
import { modelsCommand } from './commands/models.js';
import { summaryCommand } from './commands/summary.js';
import { trainCommand } from './commands/train.js';
import { Interrupted } from './interrupted.js';
import { version } from './version.js';

/** 0: done. 1: the work failed. 2: an argument is wrong. 130: interrupted, resumable. */
export type ExitCode = 0 | 1 | 2 | 130;

/** Runs the command with the arguments after `strata`. Never throws; prints what went wrong to stderr. */
export async function main(args: readonly string[]): Promise<ExitCode> {
  const program = new Command('strata')
    .description('Train and run neural networks with Strata.')
    .version(version)
    .showSuggestionAfterError()
    .exitOverride();
  for (const command of [
    infoCommand(),
    modelsCommand(),
    summaryCommand(),
    trainCommand(),
    evaluateCommand(),
    benchCommand(),
  ]) {
    program.addCommand(command.exitOverride().showSuggestionAfterError());
  }
  try {
    await program.parseAsync(args, { from: 'user' });
    return 0;
  } catch (error) {
    if (error instanceof Interrupted) return 130;
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    console.error(
      error instanceof ConfigError ? `error: ${error.message}` : describeFailure(error),
    );
    return error instanceof ConfigError ? 2 : 1;
  }
}

function describeFailure(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (process.env['STRATA_DEBUG']) return error.stack ?? error.message;
  return `${error.name}: ${error.message}`;
}
