import { ConfigError, Parameter, Rng, State } from '@stratajs/core';
import type { Module } from './module.js';

/** Marks modules; by a registered symbol, so that two copies of this package know each other's. */
export const moduleBrand: symbol = Symbol.for('strata.module');

/** What a module holds, in declaration order, each thing once, under the first path that leads to it. */
export interface Walk {
  /** The module itself, under '', then every module below it. */
  readonly modules: Map<string, Module>;
  /** Parameters and other states. */
  readonly states: Map<string, State>;
  /** Generators of random numbers, for example those of Dropout. */
  readonly rngs: Map<string, Rng>;
}

export function isModule(value: unknown): value is Module {
  return typeof value === 'object' && value !== null && moduleBrand in value;
}

/**
 * Walks the own enumerable fields of `root`: those that hold a State, a Module or a generator, or an
 * array or plain record of these. Everything else is ignored. Sets the name of each Parameter that has none.
 *
 * @param deep Default true; false stops at the modules that `root` holds itself.
 * @throws ConfigError when a module holds itself, or when two things have one path.
 */
export function walk(root: Module, deep = true): Walk {
  const found: Walk = { modules: new Map([['', root]]), states: new Map(), rngs: new Map() };
  const seen = new Set<object>([root]);
  const above = new Map<object, string>([[root, '']]);

  const visit = (key: string, value: unknown, path: string): void => {
    if (typeof value !== 'object' || value === null) return;
    if (isModule(value)) {
      if (above.has(value)) throw cycle(path, value, above.get(value)!);
      if (seen.has(value)) return;
      seen.add(value);
      add(found.modules, path, value);
      if (deep) descend(value, path);
    } else if (value instanceof State) {
      if (seen.has(value)) return;
      seen.add(value);
      add(found.states, path, value);
      if (value instanceof Parameter && value.name === '') value.name = key;
    } else if (value instanceof Rng) {
      if (seen.has(value)) return;
      seen.add(value);
      add(found.rngs, path, value);
    } else if (isContainer(value) && !above.has(value)) {
      descend(value, path);
    }
  };

  const descend = (holder: object, path: string): void => {
    above.set(holder, path);
    const prefix = path === '' ? '' : `${path}.`;
    for (const key in holder) {
      if (Object.hasOwn(holder, key)) {
        visit(key, (holder as Record<string, unknown>)[key], prefix + key);
      }
    }
    above.delete(holder);
  };

  descend(root, '');
  return found;
}

function isContainer(value: object): boolean {
  if (Array.isArray(value)) return value.some((v) => typeof v === 'object');
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

function add<T>(map: Map<string, T>, path: string, value: T): void {
  if (map.has(path)) {
    throw new ConfigError(
      `Every path in a module names one thing. Received: '${path}' twice. ` +
        'Leave the dot out of the keys of its records.',
    );
  }
  map.set(path, value);
}

function cycle(path: string, module: Module, abovePath: string): ConfigError {
  const holder = abovePath === '' ? 'the model itself' : `'${abovePath}', which holds it`;
  return new ConfigError(
    `Modules form a tree. Received: '${path}' (${module.constructor.name}), which is ${holder}. ` +
      'Keep a reference to a parent outside its fields, for example in a WeakMap or a closure.',
  );
}
