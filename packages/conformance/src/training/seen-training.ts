/** Takes the steps of a training, and writes down all that can be seen of them. */
import { compile, dispose, identity, isTensor, type Tensor, tidy } from '@stratajs/core';
import { tensorsOf } from '../checks/model-under-test.js';
import { assertThat, numbers } from '../compare.js';
import type { Training, TrainingRun } from './training.js';

/** Elements by what they are of. */
export type Seen = ReadonlyMap<string, ArrayLike<number>>;

/** @returns results, States and generators after each step. */
export async function eagerly(training: Training): Promise<Seen> {
  const run = training();
  const seen = new Map<string, ArrayLike<number>>();
  const step = (...args: Tensor[]): unknown => tidy(() => separate(run.step(...args)));
  for (let n = 0; n < run.steps; n++) await take(run, n, step, seen);
  run.dispose();
  return seen;
}

/**
 * The same, compiled.
 *
 * @param rounds how often all steps are taken; what is seen is that of the first round.
 * @throws an Error when they need more programs than they should.
 */
export async function compiled(training: Training, rounds: number = 1): Promise<Seen> {
  const run = training();
  const all: Map<string, ArrayLike<number>>[] = [];
  const step = compile(run.step);
  for (let round = 0; round < rounds; round++) {
    const seen = new Map<string, ArrayLike<number>>();
    for (let n = 0; n < run.steps; n++) await take(run, n, step, seen);
    all.push(seen);
    assertThat(
      step.programs <= run.programs,
      `The steps need at most ${run.programs} programs. Received: ${step.programs}. What else do they depend on?`,
    );
  }
  step.dispose();
  run.dispose();
  return all[0]!;
}

async function take(
  run: TrainingRun,
  n: number,
  step: (...args: Tensor[]) => unknown,
  seen: Map<string, ArrayLike<number>>,
): Promise<void> {
  run.before?.(n);
  const args = run.args(n);
  const result = step(...args);
  for (const [k, t] of tensorsOf(result).entries())
    seen.set(`step ${n + 1}, result ${k}`, await numbers(t));
  for (const [name, state] of run.states) {
    const value = state.value;
    seen.set(`step ${n + 1}, '${name}'`, await numbers(value));
    value.dispose();
  }
  for (const [k, rng] of (run.rngs ?? []).entries()) {
    const { key, counter } = rng.state();
    seen.set(`step ${n + 1}, generator ${k}`, [...key, ...counter]);
  }
  dispose([args, result]);
}

/** As a compiled function gives them: each result a tensor of its own, also one that is an argument. */
function separate(value: unknown): unknown {
  if (isTensor(value)) return identity(value);
  if (Array.isArray(value)) return value.map(separate);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, v]) => [name, separate(v)]));
}
