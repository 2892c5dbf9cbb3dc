/** Functions of tensors that are recorded once and run as programs. */
import { describe, engine } from '../engine.js';
import { BackendError, ConfigError } from '../errors.js';
import type { Tensor } from '../tensor.js';
import { explain, type Explanation } from './explain.js';
import { checkedRun } from './check.js';
import { disposeEntry, type Entry, holds, newEntry, runEntry } from './entry.js';
import { anyRecording } from './recording.js';
import { openedBackend } from '../use.js';
import { isOfSignature, signatureOf, withTensors } from './structure.js';

// Node and browsers have it; the language's own types do not know.
declare const console: { warn(message: string): void };

export interface CompileOptions {
  /**
   * Programs that are kept at most, one for each signature and state of the guards. Default 8. When there would be more, the one
   * used least recently goes, and a warning says once what keeps changing.
   */
  readonly maxPrograms?: number;
  /** For warnings. Default: the name of the function. */
  readonly name?: string;
  /**
   * Every so many calls the function also runs eagerly, from the same arguments, States and generators, and the call throws a
   * CompileError that names what differs first: a result, a State, a generator. Default: never. It costs an eager call,
   * and waits for the values of both.
   */
  readonly checkEvery?: number;
  /** How far floats may then differ, relative to the largest of their tensor. Default 1e-5. */
  readonly checkTolerance?: number;
}

/** A compiled function. */
export interface Compiled<A extends unknown[], R> {
  (...args: A): R;
  /** What the program for these arguments does; records it if there is none yet. */
  explain(...args: A): Explanation;
  /** Programs that are kept now. */
  readonly programs: number;
  /** Frees the constants of all programs. The function may be called again, and records anew. */
  dispose(): void;
}

/**
 * Records `fn` the first time it is called, and from then on runs what was recorded: the kernels of forward, backward and update
 * in one list, without their JavaScript.
 *
 *     const step = compile((x: Tensor, y: Tensor) => {
 *       const { value, grads } = valueAndGrad(() => loss(model.forward(x), y), model)();
 *       optimizer.step(grads);
 *       return value;
 *     });
 *
 * Tensor arguments may change in value; each set of shapes and dtypes has a program of its own, and so have other
 * arguments by their values. States, Scalars and random numbers are read anew in every run. When what else a program depends on
 * has changed (`training`, `trainable`, the set of parameters: see `guard()`), it is recorded anew. Recording leaves States and
 * generators as they were; the first call, too, gives what the program computes.
 *
 * While it is recorded, `fn` may not read values, make tensors of host arrays other than by `constant()`, draw random numbers on the
 * host, or call operations whose shapes depend on values. Under a gradient, or inside another compiled function, `fn` simply runs.
 *
 * @returns tensors in the structure of the function's result; they are the caller's.
 * @throws CompileError that says what cannot be compiled, and what to do instead.
 */
export function compile<A extends unknown[], R>(
  fn: (...args: A) => R,
  options: CompileOptions = {},
): Compiled<A, R> {
  if (typeof fn !== 'function') {
    throw new ConfigError(`compile() takes a function. Received: ${describe(fn)}.`);
  }
  const { maxPrograms = 8, name = fn.name || 'a compiled function' } = options;
  if (!Number.isInteger(maxPrograms) || maxPrograms < 1) {
    throw new ConfigError(
      `The maxPrograms of compile() is an integer of at least 1. Received: ${describe(maxPrograms)}.`,
    );
  }
  const check = checkOf(options);
  let calls = 0;
  /** Those used last come last. */
  let entries: Entry[] = [];
  let hasWarned = false;

  const entryFor = (args: A): { entry: Entry; tensors: readonly Tensor[] } => {
    const backend = openedBackend();
    const before = entries.at(-1);
    if (
      before?.tensors &&
      before.backend === backend &&
      isOfSignature(before.tensors, args) &&
      holds(before)
    ) {
      for (const t of args) if (t.isDisposed) throw disposed(name, t);
      return { entry: before, tensors: args };
    }
    const { key: signature, tensors } = signatureOf(args);
    for (const t of tensors) if (t.isDisposed) throw disposed(name, t);
    const key = `${engine().backendName}: ${signature}`;
    let entry = entries.find(
      (candidate) => candidate.key === key && candidate.backend === backend && holds(candidate),
    );
    if (entry === undefined) {
      entry = newEntry({ key, backend, args, tensors }, (own) =>
        fn(...(withTensors(args, own) as A)),
      );
      if (entries.length === maxPrograms) {
        if (!hasWarned) warn(name, maxPrograms, entries.at(-1)!, entry);
        hasWarned = true;
        disposeEntry(entries.shift()!);
      }
    } else {
      entries = entries.filter((other) => other !== entry);
    }
    entries.push(entry);
    return { entry, tensors };
  };

  const compiled = (...args: A): R => {
    if (anyRecording() !== null || engine().state.gradientDepth > 0) return fn(...args);
    const { entry, tensors } = entryFor(args);
    const call = ++calls;
    const results =
      check !== null && call % check.every === 0
        ? checkedRun(entry, (own) => fn(...(withTensors(args, own) as A)), tensors, {
            name,
            call,
            tolerance: check.tolerance,
          })
        : runEntry(entry, tensors);
    return withTensors(entry.result, results) as R;
  };
  return Object.defineProperties(compiled, {
    explain: {
      value: (...args: A) => {
        const { program, leftOut, executable } = entryFor(args).entry;
        return explain(program, leftOut, executable);
      },
    },
    programs: { get: () => entries.length },
    dispose: {
      value: () => {
        entries.forEach(disposeEntry);
        entries = [];
      },
    },
  }) as Compiled<A, R>;
}

/** The options of checks; null for none. */
function checkOf({ checkEvery, checkTolerance = 1e-5 }: CompileOptions): {
  every: number;
  tolerance: number;
} | null {
  if (checkEvery !== undefined && (!Number.isInteger(checkEvery) || checkEvery < 1)) {
    throw new ConfigError(
      `The checkEvery of compile() is a number of calls, at least 1. Received: ${describe(checkEvery)}. For example 100.`,
    );
  }
  if (!(checkTolerance >= 0 && checkTolerance < Infinity)) {
    throw new ConfigError(
      `The checkTolerance of compile() is a number of at least 0. Received: ${describe(checkTolerance)}. For example 1e-5.`,
    );
  }
  return checkEvery === undefined ? null : { every: checkEvery, tolerance: checkTolerance };
}

function disposed(name: string, { shape }: Tensor): BackendError {
  return new BackendError(
    `An argument of ${name} has been disposed. Received: a tensor of shape [${shape.join(', ')}] whose memory is freed. ` +
      'Keep it alive with keep(), return it from its tidy(), or dispose it later.',
  );
}

/** Says what differs between the last two programs. */
function warn(name: string, most: number, before: Entry, now: Entry): void {
  const changed =
    before.key !== now.key
      ? `its arguments: (${before.key}), then (${now.key}). Pass a number that changes as a Scalar, and pad tensors to a few shapes`
      : `${
          before.guards.find(({ read, value }) => !Object.is(read(), value))?.what ??
          'what it reads'
        }. Keep it the same between calls`;
  console.warn(
    `${name} has been recorded more than ${most} times, which costs more than it saves. What keeps changing is ${changed}, ` +
      'or raise maxPrograms.',
  );
}
