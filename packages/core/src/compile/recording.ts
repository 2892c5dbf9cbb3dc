/**
 * Where the rest of core tells a recording what happens. Outside a recording every call is one comparison.
 */
import type { Attributes, Inputs } from '../engine.js';
import type { Draw } from '../random/philox.js';
import type { Rng } from '../random/rng.js';
import type { Scalar } from '../state/scalar.js';
import type { State } from '../state/state.js';
import type { Tensor } from '../tensor.js';

/** What a recording wants to know. */
export interface Recording {
  /** What errors of kernels say of where they were recorded. */
  place: string | undefined;
  /** Kernels that are running: what they do is theirs. */
  depth: number;
  kernel(
    name: string,
    inputs: Inputs,
    attrs: Attributes | undefined,
    outputs: readonly Tensor[],
  ): void;
  /** `y` is another tensor of the value of `x`. */
  alias(x: Tensor, y: Tensor): void;
  /** `held` is what `state` holds now, and about to be read or changed. */
  touch(state: State, held: Tensor): void;
  /** `next` is about to take the place of what `state` holds. */
  write(state: State, next: Tensor): void;
  /** `t` holds the value of `scalar`. */
  scalar(scalar: Scalar, t: Tensor): void;
  readScalar(scalar: Scalar, value: number): void;
  /** `rng` is about to move on. */
  beforeDraw(rng: Rng): void;
  draw(rng: Rng, draw: Draw, blocks: number): void;
  /** The program holds as long as `read` gives what it gives now. */
  guard(owner: object, what: string, read: () => unknown): void;
  /** Throws: `what` cannot be part of a program. */
  refuse(what: string, remedy: string): never;
}

// Shared between copies of core in one process, as tfjs's own engine is.
const shared = ((globalThis as Record<symbol, unknown>)[Symbol.for('strata.recording')] ??= {
  active: null,
}) as { active: Recording | null };

/** The recording that sees what happens now: none inside kernels. */
export function recording(): Recording | null {
  const { active } = shared;
  return active !== null && active.depth === 0 ? active : null;
}

/** The recording, also inside its kernels. */
export function anyRecording(): Recording | null {
  return shared.active;
}

export function setRecording(next: Recording | null): void {
  shared.active = next;
}

/** Whether a compiled function is being recorded: what JavaScript does now will not happen again in later calls. */
export function isCompiling(): boolean {
  return recording() !== null;
}

/**
 * Runs `fn`, whose kernels are part of what `place` names: a program that is recorded adds that to their errors, as
 * 'Layer: …'. Outside a recording `fn` simply runs.
 */
export function recordedAt<T>(place: () => string | undefined, fn: () => T): T {
  const recorder = recording();
  if (recorder === null) return fn();
  const outer = recorder.place;
  recorder.place = place();
  try {
    return fn();
  } finally {
    recorder.place = outer;
  }
}

/**
 * Makes a program that is being recorded depend on something that is neither a tensor, a State nor a Scalar: it is
 * recorded anew when `read` gives another value than now. Outside a recording it does nothing.
 *
 * @param owner whose property it is: one guard for each `what` of an owner.
 * @param what for the warning when it keeps changing, for example 'training'.
 */
export function guard(owner: object, what: string, read: () => unknown): void {
  recording()?.guard(owner, what, read);
}
