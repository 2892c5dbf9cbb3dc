/** Who frees what: scopes that own the tensors made in them, and counts for leak tests. */
import { engine, isTensor } from './engine.js';
import { ConfigError } from './errors.js';
import { endScope } from './scope.js';
import type { Tensor } from './tensor.js';

/**
 * Runs `fn` and frees every tensor made inside but those that it returns (also inside arrays and
 * plain objects) or that `keep()` marked. Frees them too when `fn` throws.
 *
 * @throws ConfigError when `fn` returns a promise: its tensors would be freed before it goes on.
 */
export function tidy<T>(fn: () => T): T {
  const e = engine();
  e.startScope('tidy');
  let result: T | undefined;
  try {
    result = fn();
    if (result instanceof Promise) {
      result.catch(() => {});
      throw new ConfigError(
        'tidy() takes a synchronous function. Received: one that returns a promise. ' +
          'Read values after the tidy, or dispose the tensors by hand.',
      );
    }
    return result;
  } finally {
    if (isTensor(result)) endScope(e, [result]);
    else e.endScope(result);
  }
}

/** Takes a tensor out of every enclosing `tidy()`: the caller disposes it. Returns it. */
export function keep<T extends Tensor>(t: T): T {
  engine().keep(t);
  return t;
}

/** Frees every tensor in a value: a tensor, or arrays and plain objects of them. */
export function dispose(value: unknown): void {
  if (value === null || typeof value !== 'object') return;
  if ('dispose' in value && typeof value.dispose === 'function') value.dispose();
  else for (const v of Object.values(value)) dispose(v);
}

export interface Memory {
  /** Tensors alive. */
  readonly numTensors: number;
  /** Bytes of the tensors alive, shared storage counted for each. */
  readonly numBytes: number;
}

/** What is alive now, on every engine together. */
export function memory(): Memory {
  const { numTensors, numBytes } = engine().state;
  return { numTensors, numBytes };
}
