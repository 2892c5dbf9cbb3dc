/**
 * The safety net under `tidy()` and `using`: tensors that nobody freed are freed when they are
 * collected, with one warning.
 *
 * Only tensors that lie in no tidy scope are watched: a scope frees its own. Watching one costs 0.3 to
 * 1 µs (register and unregister of a FinalizationRegistry, measured on Node 20), about as much as an
 * operation on a single element, and nothing inside tidy. So it is on when NODE_ENV says
 * 'development', or where `watchLeaks()` is called; otherwise it costs nothing.
 */
import { type Engine, engine } from './engine.js';
import type { Tensor } from './tensor.js';

declare const console: { warn(message: string): void };
declare const process: { readonly env: { readonly NODE_ENV?: string } };

/** What is left of a tensor once it is gone, enough to free its storage. */
interface Remains {
  readonly dataId: object;
  readonly shape: readonly number[];
  readonly dtype: string;
  readonly size: number;
}

type Hooks = Pick<Engine, 'endScope' | 'state'> & {
  trackTensor(t: Tensor, backend?: object): void;
  disposeTensor(t: Tensor | Remains): void;
};
type Watched = Tensor & { readonly dataId: object; readonly kept?: boolean };

const key = Symbol.for('strata.leak-watch');
const shared = globalThis as { [key: symbol]: (() => void) | undefined };
let warned = false;

/**
 * Watches, from now on, every tensor that lies in no tidy scope. One that is collected before it was
 * disposed is freed then, and the first such prints a warning.
 *
 * @returns a function that stops watching.
 */
export function watchLeaks(): () => void {
  return (shared[key] ??= install());
}

/** Watches where the program says that it is being developed; called by use(). */
export function watchLeaksInDevelopment(): void {
  let development = false;
  try {
    // Written out, because bundlers replace exactly this; without one, a browser has no `process`.
    development = process.env.NODE_ENV === 'development';
  } catch {
    // No `process`: not known to be development.
  }
  if (development) watchLeaks();
}

function install(): () => void {
  const e = engine() as unknown as Hooks;
  const { trackTensor, disposeTensor, endScope } = e;

  const registry = new FinalizationRegistry<Remains>((remains) => {
    if (!warned) {
      warned = true;
      console.warn(
        `A ${remains.dtype} tensor of shape [${remains.shape.join(', ')}] was lost without dispose(); its memory is ` +
          'freed only now, by the garbage collector, which may come too late on a GPU. Use tidy(), `using`, ' +
          'or dispose(). Further ones are freed without a word.',
      );
    }
    try {
      disposeTensor.call(e, remains);
    } catch {
      // Its engine has been closed, and the storage with it. Thrown here, it would end the process.
    }
  });
  const watch = (t: Watched): void => {
    const { dataId, shape, dtype, size } = t;
    registry.register(t, { dataId, shape, dtype, size }, t);
  };

  // undefined before the first scope, null after the last.
  const inNoScope = (): boolean => (e.state.activeScope ?? null) === null;

  e.trackTensor = (t, backend) => {
    trackTensor.call(e, t, backend);
    if (inNoScope()) watch(t as Watched);
  };
  e.disposeTensor = (t) => {
    registry.unregister(t);
    disposeTensor.call(e, t);
  };
  e.endScope = (result) => {
    const tracked = e.state.activeScope?.track ?? [];
    endScope.call(e, result);
    const outermost = inNoScope();
    for (const t of tracked as Watched[]) {
      if (!t.isDisposed && (outermost || t.kept)) watch(t);
    }
  };
  return () => {
    Object.assign(e, { trackTensor, disposeTensor, endScope });
    shared[key] = undefined;
  };
}
