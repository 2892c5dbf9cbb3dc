/** Memory while LeNet-5 trains, in a process of its own. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { StrataError } from '@stratajs/core';

/** The most resident memory while training, in MB. */
export const MEMORY_BAR = 400;

export interface MemoryUse {
  readonly steps: number;
  /** Resident megabytes after a tenth of the steps, and at the end. */
  readonly earlyMegabytes: number;
  readonly lateMegabytes: number;
  readonly peakMegabytes: number;
  /** Tensors alive at the two moments: they must be equal. */
  readonly earlyTensors: number;
  readonly lateTensors: number;
}

export function measureMemory(steps: number): MemoryUse {
  const script = fileURLToPath(new URL('./train-lenet5.js', import.meta.url));
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, String(steps)], {
    encoding: 'utf8',
  });
  if (status !== 0) throw new StrataError(`Training for the memory measurement failed:\n${stderr}`);
  return JSON.parse(stdout) as MemoryUse;
}
