/** Everything that `strata bench` compares. */
import { convolutionWorkloads } from './convolutions.js';
import { elementwise } from './elementwise.js';
import { normalizations } from './normalizations.js';
import { PEAKS } from './peaks.js';
import { products } from './products.js';
import { recurrences } from './recurrent.js';
import { small } from './small.js';
import { training } from './training.js';
import { transformers } from './transformer.js';
import { updates } from './updates.js';
import type { Workload } from './workload.js';

export const WORKLOADS: readonly Workload[] = [
  ...products,
  ...convolutionWorkloads,
  ...elementwise,
  ...normalizations,
  ...recurrences,
  ...updates,
  ...small,
  ...training,
  ...transformers,
];

/** The workload called `name`, those that find the machine's peaks included. */
export function workloadNamed(name: string): Workload | undefined {
  return [...WORKLOADS, ...Object.values(PEAKS)].find((w) => w.name === name);
}
