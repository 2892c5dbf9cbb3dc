/** Memory of a compiled step against an eager one, each in a process of its own, and what recording costs. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { StrataError } from '@stratajs/core';
import type { Mode } from './workloads/workload.js';

/** The most that a compiled step of ResNet-18 may take of an eager one's memory. */
const MEMORY_BAR = 0.7;
/** The most that recording and compiling it may take, in eager steps. */
const RECORDING_BAR = 2;

export interface StepMemory {
  /**
   * The highest resident set while steps run, in MB, less the resident set before the first one. Compiled, what recording held
   * has been let go of by then. Null where the system does not tell: outside Linux.
   */
  readonly eagerMegabytes: number | null;
  readonly compiledMegabytes: number | null;
  readonly ratio: number | null;
  /** Resident after the first compiled call, which recorded, in MB, less that before it. */
  readonly recordedMegabytes: number;
  /** What the engine has for all temporary results of the program; null where it does not compile. */
  readonly arenaMegabytes: number | null;
  /**
   * Recording and compiling, in eager steps: the time of a first call less that of a second, over the time of an eager step, medians
   * of five when all are warm.
   */
  readonly recordingSteps: number;
}

/** What a process of ResNet-18 steps prints. */
export interface Measured {
  readonly megabytes: number | null;
  readonly firstMegabytes: number;
  readonly arenaMegabytes: number | null;
  readonly eagerSeconds: number;
  readonly recordingSeconds: number;
}

export function measureStepMemory(): StepMemory {
  const eager = measure('eager');
  const compiled = measure('compiled');
  return {
    eagerMegabytes: eager.megabytes,
    compiledMegabytes: compiled.megabytes,
    ratio:
      eager.megabytes === null || compiled.megabytes === null
        ? null
        : compiled.megabytes / eager.megabytes,
    recordedMegabytes: compiled.firstMegabytes,
    arenaMegabytes: compiled.arenaMegabytes,
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

/** The measurement as a line of a terminal. */
export function stepMemoryLine(m: StepMemory): string {
  const mb = (value: number | null): string => (value === null ? 'none' : `${value.toFixed(0)} MB`);
  const held =
    m.ratio === null
      ? 'this system does not tell the most they hold'
      : `hold ${mb(m.eagerMegabytes)} at the most eager, ${mb(m.compiledMegabytes)} compiled, ` +
        `${m.ratio.toFixed(2)} of it (bar ${MEMORY_BAR})`;
  return (
    `step-memory: steps of ResNet-18 (batch 4 of 224x224): ${held}; ${mb(m.recordedMegabytes)} after recording; ` +
    `arena ${mb(m.arenaMegabytes)}; recording and compiling take ${m.recordingSteps.toFixed(2)} eager steps (bar ${RECORDING_BAR})`
  );
}
