/** Seconds from the start of importing Strata until the first product is there, in fresh processes. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { StrataError } from '@stratajs/core';
import { median } from './compare.js';

/** The most that importing may take, in milliseconds. */
export const STARTUP_BAR = 150;

export interface Startup {
  readonly rounds: number;
  /** Median milliseconds to import core, backend-cpu and layers, and to read the first matmul. */
  readonly milliseconds: number;
  /** The share of that in the imports alone. */
  readonly importMilliseconds: number;
}

export function measureStartup(rounds: number): Startup {
  const script = fileURLToPath(new URL('./first-matmul.js', import.meta.url));
  const runs = Array.from({ length: rounds }, () => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [script], { encoding: 'utf8' });
    if (status !== 0) throw new StrataError(`The first matmul failed:\n${stderr}`);
    return JSON.parse(stdout) as { imported: number; first: number };
  });
  return {
    rounds,
    milliseconds: median(runs.map((r) => r.first)),
    importMilliseconds: median(runs.map((r) => r.imported)),
  };
}
