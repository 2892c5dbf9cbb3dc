/** What is done to every program before an engine gets it. */
import type { Tensor } from '../tensor.js';
import { withoutAliases } from './passes/aliases.js';
import { withoutCommonSubexpressions } from './passes/common-subexpressions.js';
import { withFoldedConstants } from './passes/constants.js';
import { withoutDeadKernels } from './passes/dead-kernels.js';
import { withEpilogues } from './passes/epilogues.js';
import { withoutTransposes } from './passes/transposes.js';
import { withoutUnusedValues } from './passes/unused-values.js';
import type { Program } from './program.js';

type PassName = 'dead' | 'aliases' | 'common' | 'constants' | 'transposes' | 'epilogues';

/** In this order: each leaves more for those after it. */
const PASSES: Readonly<Record<PassName, (program: Program) => Program>> = {
  dead: withoutDeadKernels,
  aliases: withoutAliases,
  common: withoutCommonSubexpressions,
  constants: withFoldedConstants,
  transposes: withoutTransposes,
  epilogues: withEpilogues,
};

/** How many kernels each pass took out. */
export type PassCounts = Readonly<Record<PassName, number>>;

export interface Passed {
  readonly program: Program;
  readonly counts: PassCounts;
}

/**
 * The program after all passes. Constants that it does not need any more are freed, and all of them when a pass throws.
 *
 * @param isReplayed Whether it will be replayed kernel by kernel: then only with kernels that give the bits of those recorded.
 */
export function afterPasses(recorded: Program, isReplayed: boolean): Passed {
  let program = recorded;
  const counts: Record<string, number> = {};
  try {
    for (const [name, pass] of Object.entries(PASSES)) {
      const before = kernelsIn(program);
      if (!(isReplayed && name === 'epilogues')) program = withoutDeadKernels(pass(program));
      counts[name] = before - kernelsIn(program);
    }
  } catch (error) {
    disposeConstants(program);
    throw error;
  }
  const lean = withoutUnusedValues(program);
  const needed = new Set(constantsOf(lean));
  for (const t of constantsOf(program)) if (!needed.has(t)) t.dispose();
  return { program: lean, counts: counts as PassCounts };
}

export function disposeConstants(program: Program): void {
  for (const t of constantsOf(program)) t.dispose();
}

function constantsOf({ values }: Program): Tensor[] {
  return values.flatMap(({ source }) => (source.kind === 'constant' ? [source.tensor] : []));
}

function kernelsIn({ instructions }: Program): number {
  return instructions.filter(({ kind }) => kind === 'kernel').length;
}
