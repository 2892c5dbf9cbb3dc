/** Records one call of a function. */
import { type Attributes, type Engine, engine, type Inputs, share } from '../engine.js';
import { runKernel } from '../run-kernel.js';
import type { Tensor } from '../tensor.js';
import { tensorsOfResult } from './structure.js';
import type { Program } from './program.js';
import { type Guard, type Outcome, Recorder } from './recorder.js';
import { setRecording } from './recording.js';

export interface Recorded {
  readonly program: Program;
  readonly guards: readonly Guard[];
  /** What the function returned: its tensors are freed, and stand for the program's outputs in order. */
  readonly result: unknown;
}

/**
 * Runs `fn` once, with other tensors of the same values, and writes its kernels down. Whatever happens, States and random generators are then as they
 * were, and nothing that `fn` made is left.
 *
 * @param args the tensors among the arguments of `fn`.
 * @param observe is given what `fn` computed, in tensors that it disposes.
 */
export function record(
  fn: (args: readonly Tensor[]) => unknown,
  args: readonly Tensor[],
  observe?: (outcome: Outcome) => void,
): Recorded {
  const e = engine();
  // A tensor may be an argument of this call and, of its own accord, part of the function.
  const twins = new Map([...new Set(args)].map((t) => [t, share(t)] as const));
  const own = args.map((t) => twins.get(t)!);
  const first = (e as unknown as { nextTensorId(): number }).nextTensorId();
  const recorder = new Recorder(e, own, first);
  const watched = watch(e, recorder);
  let done = false;
  e.startScope('record');
  setRecording(recorder);
  try {
    const result = fn(own);
    if (result instanceof Promise) {
      result.catch(() => {});
      recorder.refuse('an asynchronous function', 'Await what it needs before the call.');
    }
    if (watched.hasRead) refuseReads(recorder);
    const tensors = tensorsOfResult(result);
    const recorded = { ...recorder.finish(tensors), result };
    observe?.(recorder.outcome(tensors));
    done = true;
    return recorded;
  } finally {
    setRecording(null);
    watched.undo();
    e.endScope();
    for (const t of twins.values()) t.dispose();
    recorder.restore();
    if (!done) recorder.discard();
  }
}

interface Watched {
  /** Whether there was a read whose promise nobody may wait for: then `fn` did not throw. */
  hasRead: boolean;
  undo(): void;
}

/** Lets the recorder see what tfjs's own functions do, and refuse reads. */
function watch(e: Engine, recorder: Recorder): Watched {
  const backend = e.backend as unknown as Methods;
  const makeTensor = e.makeTensor.bind(e);
  const restoreEngine = replaceMethods(e as unknown as Methods, {
    runKernel: (name: string, inputs: Inputs, attrs?: Attributes) =>
      runKernel(e, name, inputs, attrs),
    makeTensor: (...of: Parameters<Engine['makeTensor']>) => {
      const t = makeTensor(...of);
      if (recorder.depth === 0) recorder.constant(t, of[0]);
      return t;
    },
  });
  const watched: Watched = {
    hasRead: false,
    undo() {
      restoreEngine();
      restoreBackend();
    },
  };
  const reads = ['read', 'readSync'].filter((name) => typeof backend[name] === 'function');
  const restoreBackend = replaceMethods(
    backend,
    Object.fromEntries(
      reads.map((name) => {
        const read = backend[name]!.bind(backend);
        const refusing = (...of: never[]): unknown => {
          if (recorder.depth > 0) return read(...of);
          if (name === 'readSync') refuseReads(recorder);
          watched.hasRead = true;
          // Rejected, it would end a process that does not wait for it: the call throws anyway.
          return new Promise(() => {});
        };
        return [name, refusing];
      }),
    ),
  );
  return watched;
}

type Methods = Record<string, (...of: never[]) => unknown>;

/**
 * Gives an object other methods for a while; gives what undoes that. They are set back and not deleted: V8 makes a dictionary of an
 * object that loses a property, and everything that asks it takes longer from then on (an addition of one element 1.6 times).
 */
function replaceMethods(object: Methods, methods: Methods): () => void {
  const before = Object.keys(methods).map((name) => [name, object[name]!] as const);
  Object.assign(object, methods);
  return () => {
    for (const [name, method] of before) object[name] = method;
  };
}

function refuseReads(recorder: Recorder): never {
  recorder.refuse(
    'reads of values',
    'There are none while it is recorded: return the tensor, and read it after the call.',
  );
}
