/** Random programs. */
import { Rng, StrataError } from '@stratajs/core';
import { Drawing, MOST_ELEMENTS } from './drawing.js';
import { programOps } from './ops/table.js';
import type { Program } from './program.js';

export interface GenerateOptions {
  /** The most elements that a value has. Default 3000. */
  readonly mostElements?: number;
  /** The most operations that are drawn; some add a clip before them. Default 12. */
  readonly mostNodes?: number;
  /** An operation that the program holds. Default: any. */
  readonly op?: string;
  /** The operations that are drawn from. Default: all. */
  readonly among?: readonly string[];
  /** Whether inputs hold NaN, infinities and the like. Default: in one program of ten. */
  readonly special?: boolean;
}

/** Most of the arguments that an operation draws fit; give up on it long after. */
const TRIES = 200;

/**
 * The random program of a seed: the same on every machine and every engine.
 *
 * Inputs are such that results stay moderate and well-conditioned. One program in ten holds, instead,
 * NaN, infinities, signed zeros, subnormal and huge numbers, and only operations that define what
 * becomes of them. Of the others most end in a gradient.
 */
export function generateProgram(
  seed: number,
  { mostElements = MOST_ELEMENTS, mostNodes = 12, op, among, special }: GenerateOptions = {},
): Program {
  const rng = new Rng(seed);
  const wanted = special ?? rng.nextUniform() < 0.1;
  const defined = op === undefined || programOps[op]?.special === true;
  const d = new Drawing(rng, mostElements, wanted && defined);
  const names = (among ?? Object.keys(programOps)).filter(
    (name) => !d.special || programOps[name]!.special,
  );
  // Short ones find what is wrong in one operation, long ones what is wrong between them.
  const count = d.between(1, d.chance(0.3) ? Math.min(2, mostNodes) : mostNodes);
  const at = d.below(count);
  for (let i = 0; i < count; i++) grow(d, op !== undefined && i === at ? [op] : names);
  return d.finish(!d.special && d.chance(0.75));
}

/** Adds one operation of those named. */
function grow(d: Drawing, names: readonly string[]): void {
  for (let tries = 0; tries < TRIES; tries++) {
    const name = d.pick(names);
    const entry = programOps[name];
    if (!entry) {
      throw new StrataError(
        `Programs hold the operations of their table. Received: '${name}'. Add an entry to src/programs/ops.`,
      );
    }
    if (d.grow(name, () => entry.draw(d))) return;
  }
  throw new StrataError(`No arguments of ${names.join(', ')} fit in ${TRIES} tries.`);
}
