import { CheckpointError, decodeSafetensors } from '@stratajs/core';
import { files } from '#platform';
import type { Json, JsonObject } from '../json.js';
import type { Checkpoint, RandomState } from './checkpoint.js';
import { damaged, readParts } from './format.js';
import type { HostTensor, HostTensors } from './host-tensor.js';
import { listCheckpoints } from './names.js';

interface SavedState {
  readonly step: number;
  readonly config: JsonObject;
  readonly optimizer: Json;
  readonly loader: Json;
  readonly random: RandomState;
  readonly extra: JsonObject;
}

/**
 * Reads a checkpoint and checks every byte of it against the sizes and hashes it was written with.
 *
 * @throws CheckpointError when there is none at `path`, when it is another program's or version's,
 *   or when it is damaged: then the newest good one beside it is named, and not used.
 */
export async function readCheckpoint(path: string): Promise<Checkpoint> {
  try {
    return await read(path);
  } catch (error) {
    if (!(error instanceof CheckpointError)) throw error;
    throw new CheckpointError(`${error.message}\n${await remedy(path)}`, { cause: error });
  }
}

/**
 * The newest checkpoint of a run directory, or of a directory of checkpoints; null when it has none.
 *
 * @throws CheckpointError when the newest is damaged. An older one is named, and not used unasked:
 *   steps would be lost without a word.
 */
export async function latestCheckpoint(directory: string): Promise<string | null> {
  const newest =
    (await listCheckpoints(files.join(directory, 'checkpoints'))).at(-1) ??
    (await listCheckpoints(directory)).at(-1);
  if (!newest) return null;
  await readCheckpoint(newest.path);
  return newest.path;
}

async function read(path: string): Promise<Checkpoint> {
  const parts = await readParts(path);
  const model = decode(path, 'model.safetensors', parts['model.safetensors']);
  const training = decode(path, 'training.safetensors', parts['training.safetensors']);
  let state: SavedState;
  try {
    state = JSON.parse(new TextDecoder().decode(parts['state.json'])) as SavedState;
  } catch {
    throw damaged(path, 'state.json is not JSON');
  }
  return {
    path,
    step: state.step,
    config: state.config,
    model,
    optimizer:
      state.optimizer === null
        ? null
        : { slots: withPrefix('optimizer/', training), state: state.optimizer },
    loader: state.loader,
    random: state.random,
    extra: { json: state.extra, tensors: withPrefix('extra/', training) },
  };
}

function decode(path: string, name: string, bytes: Uint8Array): HostTensors {
  try {
    const { tensors } = decodeSafetensors(bytes);
    return Object.fromEntries(
      Object.entries(tensors).map(([key, { dtype, shape, data }]) => [
        key,
        hostTensor(dtype, shape, data),
      ]),
    );
  } catch (error) {
    throw damaged(path, `${name}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function hostTensor(dtype: string, shape: readonly number[], data: ArrayBufferView): HostTensor {
  if (dtype === 'BOOL') return { dtype: 'bool', shape, data: data as Uint8Array };
  if (data instanceof Int32Array) return { dtype: 'int32', shape, data };
  return { dtype: 'float32', shape, data: data as Float32Array };
}

function withPrefix(prefix: string, tensors: HostTensors): HostTensors {
  return Object.fromEntries(
    Object.entries(tensors)
      .filter(([name]) => name.startsWith(prefix))
      .map(([name, t]) => [name.slice(prefix.length), t]),
  );
}

/** What to do about an unreadable checkpoint: the newest readable one beside it, or none. */
async function remedy(path: string): Promise<string> {
  const directory = files.parent(path);
  for (const { path: other } of (await listCheckpoints(directory)).reverse()) {
    if (files.name(other) === files.name(path)) continue;
    try {
      await read(other);
      return `The newest good one beside it is ${other}: resume from that by its path, or delete the other.`;
    } catch {
      // As unreadable as the first: look further back.
    }
  }
  return `No good one lies beside it in ${directory}.`;
}
