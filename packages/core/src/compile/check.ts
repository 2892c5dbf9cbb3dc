/** Compares what a program gives with what its function computes. */
import { engine, share } from '../engine.js';
import { CompileError } from '../errors.js';
import { Parameter } from '../state/parameter.js';
import { State } from '../state/state.js';
import type { Tensor } from '../tensor.js';
import { type Difference, differenceOf } from './difference.js';
import { type Entry, runEntry } from './entry.js';
import { disposeConstants } from './passes.js';
import { record } from './record.js';
import type { Outcome } from './recorder.js';
import { pathsOfResult } from './structure.js';

export interface Check {
  /** For messages: the function, and which of its calls it is. */
  readonly name: string;
  readonly call: number;
  /** How far numbers may differ, relative to the largest of their tensor. */
  readonly tolerance: number;
}

/** What is compared, and what it is called. */
interface Pair {
  readonly what: string;
  readonly eager: Tensor;
  readonly compiled: Tensor;
}

/**
 * Runs `fn` eagerly and puts States and generators back, then runs the program and compares: results, States that either of them
 * writes, and where generators stand. States hold what the program wrote, also when it throws.
 *
 * @throws CompileError that names the first thing that differs.
 */
export function checkedRun(
  entry: Entry,
  fn: (tensors: readonly Tensor[]) => unknown,
  args: readonly Tensor[],
  check: Check,
): Tensor[] {
  const { outcome, paths } = eagerly(fn, args);
  const states = new Map(outcome.states);
  try {
    for (const instruction of entry.program.instructions) {
      if (instruction.kind !== 'write' || states.has(instruction.state)) continue;
      const { state } = instruction;
      states.set(state, engine().keep(share(State.heldQuietly(state))));
    }
    const results = runEntry(entry, args);
    try {
      compare(entry, outcome, paths, states, results, check);
      return results;
    } catch (error) {
      for (const t of results) t.dispose();
      throw error;
    }
  } finally {
    for (const t of [...outcome.results, ...states.values()]) t.dispose();
  }
}

/** What `fn` computes by itself, and where in its result each tensor stands. */
function eagerly(
  fn: (tensors: readonly Tensor[]) => unknown,
  args: readonly Tensor[],
): { outcome: Outcome; paths: readonly string[] } {
  let outcome: Outcome | undefined;
  const { program, result } = record(fn, args, (seen) => (outcome = seen));
  disposeConstants(program);
  return { outcome: outcome!, paths: pathsOfResult(result) };
}

function compare(
  entry: Entry,
  outcome: Outcome,
  paths: readonly string[],
  states: ReadonlyMap<State, Tensor>,
  results: readonly Tensor[],
  check: Check,
): void {
  const expected = pathsOfResult(entry.result);
  if (expected.join() !== paths.join()) {
    fail(check, `Eagerly it returns [${paths.join(', ')}], compiled [${expected.join(', ')}]`);
  }
  const pairs: Pair[] = results.map((compiled, i) => ({
    what: paths[i]!,
    eager: outcome.results[i]!,
    compiled,
  }));
  [...states].forEach(([state, eager], i) => {
    pairs.push({ what: nameOf(state, i), eager, compiled: State.heldQuietly(state) });
  });
  for (const { what, eager, compiled } of pairs) {
    const difference = differenceOf(eager, compiled, check.tolerance);
    if (difference !== null) fail(check, `First in ${what}: ${textOf(difference)}`);
  }
  for (const [rng, state] of outcome.rngs) {
    if (JSON.stringify(rng.state()) === JSON.stringify(state)) continue;
    fail(
      check,
      `It draws other random numbers: eagerly a generator stands at ${String(state.counter)}, ` +
        `compiled at ${String(rng.state().counter)}`,
    );
  }
}

function nameOf(state: State, index: number): string {
  if (state instanceof Parameter && state.name !== '') return `the parameter '${state.name}'`;
  return `State ${index} of those that it writes, of shape [${state.shape.join(', ')}]`;
}

function textOf(difference: Difference): string {
  if (difference.kind === 'form')
    return `${difference.eager} eagerly, ${difference.compiled} compiled`;
  const { index, eager, compiled, allowed } = difference;
  return `element ${index} is ${eager} eagerly and ${compiled} compiled, more than ${allowed} apart`;
}

function fail({ name, call }: Check, what: string): never {
  throw new CompileError(
    `Call ${call} of ${name}, compiled, differs from the function run eagerly. ${what}. ` +
      'Where the function reads what changes between calls (a plain variable, a field), use a Scalar, a State or guard(); else the engine is at fault.',
  );
}
