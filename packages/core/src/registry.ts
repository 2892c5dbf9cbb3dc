/** Model families and the models in them. */
import { describe } from './engine.js';
import { ConfigError } from './errors.js';
import type { ModuleLike } from './module-like.js';
import { nearest } from './nearest.js';
import type { ModelEntry, ModelFamily, ModelOptions } from './plugin.js';
import { defaultRng, type Rng } from './random/index.js';
import { checkPlugin } from './use.js';

const families: Map<string, ModelFamily> = ((globalThis as Record<symbol, unknown>)[
  Symbol.for('strata.families')
] ??= new Map()) as Map<string, ModelFamily>;

/** What `listModels()` says of a model. */
export interface ModelListing {
  readonly id: string;
  readonly family: string;
  readonly task: string;
  /** Trainable values with the default options. */
  readonly parameters: number;
  readonly paper: string;
}

/**
 * Makes the models of a family known to `createModel()` and `listModels()`. Registering the same
 * family again is harmless.
 *
 * @throws ConfigError when an id is taken by another family.
 */
export function register(family: ModelFamily): void {
  checkPlugin(family, 'models');
  for (const id of Object.keys(family.models)) {
    const owner = [...families.values()].find((f) => f.name !== family.name && id in f.models);
    if (owner) {
      throw new ConfigError(
        `Every model id belongs to one family. Received: '${id}' of '${family.name}', which '${owner.name}' has. Rename one.`,
      );
    }
  }
  families.set(family.name, family);
}

/** The models of all registered families, by id. */
export function listModels(filter: { task?: string } = {}): ModelListing[] {
  return [...families.values()]
    .flatMap((f) =>
      Object.entries(f.models).map(([id, m]) => ({
        id,
        family: f.name,
        task: m.task,
        parameters: m.parameterCount,
        paper: m.paper,
      })),
    )
    .filter((m) => filter.task === undefined || m.task === filter.task)
    .sort((a, b) => (a.id < b.id ? -1 : 1));
}

/**
 * Builds a registered model. Options that are not given take the model's defaults.
 *
 * @param id for example 'lenet5'; `listModels()` has them all.
 * @throws ConfigError for an unknown id or option (with the nearest known one), or a value of the wrong type.
 */
export function createModel(
  id: string,
  options: ModelOptions & { readonly rng?: never } = {},
  { rng = defaultRng() }: { rng?: Rng } = {},
): ModuleLike {
  const entry = modelEntry(id);
  return entry.create(completeOptions(id, entry, options), rng);
}

/** The entry of a registered model. @throws ConfigError for an unknown id. */
export function modelEntry(id: string): ModelEntry {
  for (const family of families.values()) {
    if (Object.hasOwn(family.models, id)) return family.models[id]!;
  }
  const known = listModels().map((m) => m.id);
  throw new ConfigError(
    `Unknown model. Received: ${describe(id)}.` +
      (known.length > 0
        ? nearest(String(id), known)
        : ' No family is registered: call register(vision) first.'),
  );
}

function completeOptions(id: string, entry: ModelEntry, options: ModelOptions): ModelOptions {
  for (const [key, value] of Object.entries(options)) {
    if (!Object.hasOwn(entry.options, key)) {
      throw new ConfigError(
        `Unknown option of '${id}'. Received: '${key}'.${nearest(key, Object.keys(entry.options))}`,
      );
    }
    const expected = entry.options[key];
    if (typeof value !== typeof expected || Array.isArray(value) !== Array.isArray(expected)) {
      throw new ConfigError(
        `The option '${key}' of '${id}' is a ${Array.isArray(expected) ? 'list of numbers' : typeof expected}. ` +
          `Received: ${describe(value)}. Default: ${JSON.stringify(expected)}.`,
      );
    }
  }
  return { ...entry.options, ...options };
}
