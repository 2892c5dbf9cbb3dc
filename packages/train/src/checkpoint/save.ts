import { ConfigError, describeValue, encodeSafetensors, Parameter } from '@stratajs/core';
import type { Json, JsonObject } from '../json.js';
import type { CheckpointParts, Extra } from './checkpoint.js';
import { type HostTensors, readStates } from './host-tensor.js';
import { publish } from './publish.js';
import { randomState } from './random-state.js';

export interface SaveOptions extends CheckpointParts {
  /** Steps done; names the checkpoint. */
  readonly step: number;
  /** What builds the parts anew, for example `{ model: { id, options } }`. Default {}. */
  readonly config?: JsonObject;
  /** Anything else that training needs to go on: JSON, and tensors on the host. */
  readonly extra?: Partial<Extra>;
  /** How many checkpoints the directory keeps: the newest ones. Default 3. */
  readonly keepLast?: number;
}

/**
 * Writes a checkpoint `<directory>/step-<step>`: the model's states, and what else is given, of
 * optimizer slots and settings, loader position and generators of random numbers. The default
 * generator is always saved. `loadCheckpoint()` with the same parts puts training back exactly here.
 *
 *     await saveCheckpoint('runs/mine/checkpoints', { model, optimizer, loader, step });
 *
 * A process killed at any moment, also while renaming, leaves earlier checkpoints whole.
 *
 * @returns the path of the checkpoint.
 * @throws CheckpointError when it cannot be written; ConfigError for a bad step or keepLast.
 */
export async function saveCheckpoint(directory: string, options: SaveOptions): Promise<string> {
  const { model, optimizer, loader, step, config = {}, extra, keepLast = 3 } = options;
  checkAtLeast(0, step, 'The step of a checkpoint');
  if (keepLast !== Infinity) checkAtLeast(1, keepLast, 'keepLast');
  // Everything is taken down at one moment, before the first wait.
  const state = {
    step,
    config,
    optimizer: (optimizer?.state() ?? null) as Json,
    loader: (loader?.state() ?? null) as Json,
    random: randomState(options) as unknown as Json,
    extra: extra?.json ?? {},
  };
  const [weights, slots] = await Promise.all([
    readStates(model.namedStates()),
    readStates(optimizer?.namedStates() ?? []),
  ]);
  return publish(
    directory,
    step,
    {
      'model.safetensors': encode(weights, {
        format: 'strata',
        layouts: JSON.stringify(layouts(model)),
      }),
      'training.safetensors': encode(
        { ...prefixed('optimizer/', slots), ...prefixed('extra/', extra?.tensors ?? {}) },
        { format: 'strata' },
      ),
      'state.json': new TextEncoder().encode(`${JSON.stringify(state, null, 2)}\n`),
    },
    keepLast,
  );
}

function checkAtLeast(least: number, value: number, what: string): void {
  if (Number.isInteger(value) && value >= least) return;
  throw new ConfigError(
    `${what} is an integer of at least ${least}. Received: ${describeValue(value)}.`,
  );
}

/** How the axes of each parameter lie, for programs that lay them out otherwise. */
function layouts(model: CheckpointParts['model']): Record<string, string> {
  const result: Record<string, string> = {};
  for (const [name, state] of model.namedStates()) {
    if (state instanceof Parameter) result[name] = state.layout;
  }
  return result;
}

function prefixed(prefix: string, tensors: HostTensors): HostTensors {
  return Object.fromEntries(Object.entries(tensors).map(([name, t]) => [prefix + name, t]));
}

const FILE_DTYPES = { float32: 'F32', int32: 'I32', bool: 'BOOL' } as const;

function encode(tensors: HostTensors, metadata: Record<string, string>): Uint8Array {
  return encodeSafetensors(
    Object.fromEntries(
      Object.entries(tensors).map(([name, { dtype, shape, data }]) => [
        name,
        { dtype: FILE_DTYPES[dtype], shape, data },
      ]),
    ),
    metadata,
  );
}
