/** Memory of a compiled step against an eager one, each in a process of its own, and what recording costs. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { StrataError } from '@stratajs/core';
import type { Mode } from './workloads/workload.js';

/** The most that a compiled step of ResNet-18 may take of an eager one's memory. */
export const STEP_MEMORY_BAR = 0.7;
/** The most that recording and compiling it may take, in eager steps. */
export const RECORDING_BAR = 2;

export interface StepMemory {
  /** Resident megabytes at the most while steps run, less those before the first one. */
  readonly eagerMegabytes: number;
  readonly compiledMegabytes: number;
  readonly ratio: number;
  /** Recording and compiling, in eager steps. */
  readonly recordingSteps: number;
}

interface Measured {
  readonly megabytes: number;
  readonly eagerSeconds: number;
  readonly recordingSeconds: number;
}

export function measureStepMemory(): StepMemory {
  const eager = measure('eager');
  const compiled = measure('compiled');
  return {
    eagerMegabytes: eager.megabytes,
    compiledMegabytes: compiled.megabytes,
    ratio: compiled.megabytes / eager.megabytes,
    recordingSteps: compiled.recordingSeconds / compiled.eagerSeconds,
  };
}

function measure(mode: Mode): Measured {
  const script = fileURLToPath(new URL('./resnet18-step.js', import.meta.url));
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, mode], {
    encoding: 'utf8',
  });
  if (status !== 0) throw new StrataError(`The ${mode} steps of ResNet-18 failed:\n${stderr}`);
  return JSON.parse(stdout) as Measured;
}
