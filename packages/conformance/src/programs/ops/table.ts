/** The operations that random programs are made of. */
import { adaptivePools } from './adaptive-pools.js';
import { attention } from './attention.js';
import { binary } from './binary.js';
import { contractions } from './contractions.js';
import { images } from './images.js';
import { constants, indexing } from './indexing.js';
import { movement } from './movement.js';
import { normalizations } from './normalizations.js';
import type { ProgramOps } from './program-op.js';
import { recurrent } from './recurrent.js';
import { reductions } from './reductions.js';
import { unary } from './unary.js';

export const programOps: ProgramOps = {
  ...unary,
  ...binary,
  ...reductions,
  ...movement,
  ...indexing,
  ...constants,
  ...contractions,
  ...images,
  ...adaptivePools,
  ...normalizations,
  ...attention,
  ...recurrent,
};

/** Operations of core that no program holds, each with the reason. */
export const leftOut: Readonly<Record<string, string>> = {
  dropout: 'Random: the conformance checks compare it with Philox.',
};
