/** What the composites of recurrent kernels share: the order of steps, and sequences that end before others. */
import type { Attributes } from '../engine.js';
import { greater } from '../ops/compare.js';
import { concat, stack, unstack } from '../ops/join.js';
import { reshape } from '../ops/shape.js';
import { where } from '../ops/where.js';
import { zerosLike } from '../create.js';
import type { Tensor } from '../tensor.js';

/** The steps of [N, T, …], in the order in which the recurrence takes them. */
export function stepOrder(x: Tensor, attrs: Attributes): number[] {
  const steps = Array.from({ length: x.shape[1]! }, (_, t) => t);
  return attrs['reverse'] === true ? steps.reverse() : steps;
}

/** The slices [N, …] of [N, T, …]. */
export function stepsOf(x: Tensor): Tensor[] {
  return unstack(x, 1);
}

/** The opposite, from columns: lists of slices, each list joined along the last axis. */
export function joinSteps(steps: readonly (readonly Tensor[])[]): Tensor {
  return stack(
    steps.map((columns) => concat(columns, 1)),
    1,
  );
}

/** Chooses `next` for the sequences that have a step t, and `previous` (default zeros) for those that are over. */
export type Choose = (next: Tensor, previous?: Tensor) => Tensor;

export function chooseAt(t: number, lengths: Tensor): Choose {
  const runs = greater(reshape(lengths, [-1, 1]), t);
  return (next, previous) => where(runs, next, previous ?? zerosLike(next));
}
