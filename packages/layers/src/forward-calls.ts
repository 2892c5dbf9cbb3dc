import {
  addToMessage,
  CompileError,
  isCompiling,
  recordedAt,
  StrataError,
  type Tensor,
  tidy,
} from '@stratajs/core';
import type { Module } from './module.js';
import { walk } from './module-walk.js';

/** Sees the output of each call of a module's forward. It must not dispose it. */
export type ForwardHook = (output: unknown, inputs: readonly unknown[], module: Module) => void;

// The modules whose forward runs now, outermost first.
const running: Module[] = [];
const hooks = new WeakMap<Module, Set<ForwardHook>>();
const located = new WeakSet<Error>();
const wrappers = new WeakSet<object>();

/**
 * Puts a wrapper around the `forward` of one module, so that every call, whoever makes it,
 * frees the temporaries, runs the hooks, and names the layer's path when an error passes.
 */
export function wrapForward(module: Module): void {
  const forward = module.forward as ((...inputs: unknown[]) => Tensor) | undefined;
  // A forward written as a field does not exist yet in the constructor: its first hook wraps it.
  if (typeof forward !== 'function' || wrappers.has(forward)) return;
  const wrapped = (...inputs: unknown[]): unknown => {
    running.push(module);
    try {
      const call = (): unknown => {
        const output = forward.apply(module, inputs);
        for (const hook of hooks.get(module) ?? []) callHook(hook, output, inputs, module);
        return output;
      };
      return tidy(() => recordedAt(() => placeOf(module), call));
    } catch (error) {
      if (error instanceof StrataError && !located.has(error)) locate(error, module);
      throw error;
    } finally {
      running.pop();
    }
  };
  wrappers.add(wrapped);
  // Not enumerable: it is no part of what the module holds.
  Object.defineProperty(module, 'forward', {
    value: wrapped,
    enumerable: false,
    writable: true,
    configurable: true,
  });
}

export function addForwardHook(module: Module, hook: ForwardHook): () => void {
  wrapForward(module);
  const set = hooks.get(module) ?? new Set();
  hooks.set(module, set);
  // One function given twice is two hooks.
  const own: ForwardHook = (...args) => hook(...args);
  set.add(own);
  return () => {
    set.delete(own);
  };
}

function callHook(
  hook: ForwardHook,
  output: unknown,
  inputs: readonly unknown[],
  module: Module,
): void {
  if (isCompiling()) {
    throw new CompileError(
      'A compiled function cannot hold forward hooks: they would be called while it is recorded, and never again. ' +
        'Remove the hook, or run the model eagerly.',
    );
  }
  hook(output, inputs, module);
}

/** Adds where in the model the error arose; done where the innermost module throws, while the calls are known. */
function locate(error: Error, module: Module): void {
  located.add(error);
  const place = placeOf(module);
  if (place !== undefined) addToMessage(error, place);
}

/** Where `module`, whose forward runs, stands in the model that was called; undefined for the model itself. */
function placeOf(module: Module): string | undefined {
  const root = running[0]!;
  if (root === module) return undefined;
  const path = pathIn(root, module);
  const where = path === undefined ? '' : `'${path}' `;
  return `Layer: ${where}(${module.constructor.name}) of ${root.constructor.name}.`;
}

function pathIn(root: Module, module: Module): string | undefined {
  try {
    for (const [path, m] of walk(root).modules) if (m === module) return path;
  } catch {
    // The model holds itself: the error at hand is the one to tell of.
  }
  return undefined;
}
