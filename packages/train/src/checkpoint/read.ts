import { CheckpointError } from '@stratajs/core';
import { files } from '#platform';
import type { Checkpoint } from './checkpoint.js';
import { damaged, readParts } from './format.js';
import { decodeTensors } from './host-tensor.js';
import { listCheckpoints } from './names.js';
import { checkpointOf, type SavedState } from './saved-state.js';

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
  const state = json(path, 'state.json', new TextDecoder().decode(parts['state.json']));
  const layouts = json(path, 'model.safetensors', model.metadata['layouts'] ?? '{}');
  return checkpointOf(
    path,
    state as SavedState,
    model.tensors,
    layouts as Record<string, string>,
    training.tensors,
  );
}

function decode(path: string, name: string, bytes: Uint8Array): ReturnType<typeof decodeTensors> {
  try {
    return decodeTensors(bytes);
  } catch (error) {
    throw damaged(path, `${name}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function json(path: string, name: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw damaged(path, `${name} holds no JSON`);
  }
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
