import type { Tensor } from '@stratajs/core';
import type { Drawing, Drawn } from '../drawing.js';

/** An operation that programs are made of. */
export interface ProgramOp {
  /** Draws arguments, and says what comes out; undefined when what was drawn does not do. */
  draw(d: Drawing): Drawn | undefined;
  /** Runs it: tensors in the order of `inputs` (of which there may be fewer or more), and the options drawn. */
  apply(
    xs: [Tensor, Tensor, Tensor],
    options: Readonly<Record<string, unknown>>,
  ): Tensor | readonly Tensor[];
  /** Whether its results for NaN, infinities, subnormal and huge numbers are defined. Default false. */
  readonly special?: boolean;
}

/** Operations by the name under which core exports them. */
export type ProgramOps = Readonly<Record<string, ProgramOp>>;
