import type { Executable, OpenBackend } from '../plugin.js';
import type { Rng } from '../random/rng.js';
import type { Tensor } from '../tensor.js';
import { afterPasses, disposeConstants, type PassCounts } from './passes.js';
import type { Program } from './program.js';
import { record } from './record.js';
import type { Guard } from './recorder.js';
import { replayOf } from './replay.js';
import { type TensorSignature, tensorSignatureOf } from './structure.js';

/** A program that a compiled function keeps. */
export interface Entry {
  readonly key: string;
  /** The engine that it was made for: another one of the same name may have opened since. */
  readonly backend: OpenBackend | undefined;
  readonly tensors: TensorSignature | null;
  readonly guards: readonly Guard[];
  readonly program: Program;
  readonly leftOut: PassCounts;
  readonly result: unknown;
  readonly executable: Executable;
  /** The generators that it draws from. */
  readonly rngs: readonly Rng[];
}

interface Call {
  readonly key: string;
  readonly backend: OpenBackend | undefined;
  readonly args: readonly unknown[];
  /** The tensors among the arguments. */
  readonly tensors: readonly Tensor[];
}

/** Records `fn` and makes its program ready to run. When anything throws, nothing is left. */
export function newEntry(
  { key, backend, args, tensors }: Call,
  fn: (tensors: readonly Tensor[]) => unknown,
): Entry {
  const { program: recorded, guards, result } = record(fn, tensors);
  const { program, counts: leftOut } = afterPasses(recorded, backend?.compile === undefined);
  const executable = executableOf(program, backend);
  return {
    key,
    backend,
    tensors: tensorSignatureOf(args),
    guards,
    program,
    leftOut,
    result,
    executable,
    rngs: [...new Set(program.draws.map(({ rng }) => rng))],
  };
}

/** What runs the program. When the engine refuses it, its constants are freed. */
function executableOf(program: Program, backend: OpenBackend | undefined): Executable {
  try {
    return backend?.compile?.(program) ?? replayOf(program);
  } catch (error) {
    disposeConstants(program);
    throw error;
  }
}

/** Runs the program. When it throws, generators stand where they stood. */
export function runEntry({ executable, rngs }: Entry, args: readonly Tensor[]): Tensor[] {
  const before = rngs.map((rng) => rng.state());
  try {
    return executable.run(args);
  } catch (error) {
    rngs.forEach((rng, i) => rng.restore(before[i]!));
    throw error;
  }
}

/** Whether all that the program depends on beside its arguments is as it was. */
export function holds({ guards }: Entry): boolean {
  return guards.every(({ read, value }) => Object.is(read(), value));
}

export function disposeEntry({ program, executable }: Entry): void {
  executable.dispose();
  disposeConstants(program);
}
