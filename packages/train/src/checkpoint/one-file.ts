/**
 * A checkpoint as one safetensors file, to hand to people and other programs: the model's states by their own names, so that
 * any reader of safetensors finds the weights; optimizer slots under 'optimizer/', other tensors under 'extra/'. The metadata:
 *
 *     format 'strata-checkpoint', version '1'
 *     layouts, state     JSON, as in the files of a checkpoint directory
 *     sha256             of the whole file with zeros in place of this hash
 */
import { CheckpointError, describeValue } from '@stratajs/core';
import { files } from '#platform';
import type { Checkpoint } from './checkpoint.js';
import { FORMAT, VERSION } from './format.js';
import { decodeTensors, encodeTensors, type HostTensors } from './host-tensor.js';
import {
  checkpointOf,
  isTrainingTensor,
  type SavedState,
  stateOf,
  trainingTensors,
} from './saved-state.js';

const NO_HASH = '0'.repeat(64);

/**
 * The checkpoint as one file.
 *
 *     const bytes = await encodeCheckpoint(await captureCheckpoint({ model, optimizer, step }));
 *     const same = await encodeCheckpoint(await readCheckpoint('runs/mine/checkpoints/step-000120'));
 *
 * @throws CheckpointError for a model with a state whose name begins with 'optimizer/' or 'extra/'.
 */
export async function encodeCheckpoint(checkpoint: Checkpoint): Promise<Uint8Array> {
  const taken = Object.keys(checkpoint.model).find(isTrainingTensor);
  if (taken !== undefined) {
    throw new CheckpointError(
      `In one file, names of a model's states begin with neither 'optimizer/' nor 'extra/'. Received: '${taken}'. ` +
        'Rename it, or save a directory with saveCheckpoint().',
    );
  }
  const bytes = encodeTensors(
    { ...checkpoint.model, ...trainingTensors(checkpoint) },
    {
      format: FORMAT,
      version: String(VERSION),
      layouts: JSON.stringify(checkpoint.layouts),
      state: JSON.stringify(stateOf(checkpoint)),
      sha256: NO_HASH,
    },
  );
  putHash(bytes, NO_HASH, await files.sha256(bytes));
  return bytes;
}

/**
 * Reads what `encodeCheckpoint()` made, and checks every byte of it. `restoreCheckpoint()` puts it into model and optimizer.
 *
 * @param name what messages call the file.
 * @throws CheckpointError when it is truncated, altered, another program's, or of another version.
 */
export async function decodeCheckpoint(
  bytes: Uint8Array,
  name: string = 'the file',
): Promise<Checkpoint> {
  const { tensors, metadata } = read(bytes, name);
  const { format, version, sha256 } = metadata;
  if (format !== FORMAT) {
    throw new CheckpointError(
      `A checkpoint in one file says format '${FORMAT}' in its metadata. Received: ${name}, a safetensors file that says ` +
        `${describeValue(format)}: another program's, or weights alone. decodeSafetensors() reads those.`,
    );
  }
  if (version !== String(VERSION)) {
    throw new CheckpointError(
      `This version of Strata reads checkpoints of version ${VERSION}. Received: ${name} of version ${describeValue(version)}. ` +
        'Read it with the version of Strata that wrote it.',
    );
  }
  // Not slice(): a Buffer's shares its memory.
  const copy = new Uint8Array(bytes);
  if (sha256 === undefined || !putHash(copy, sha256, NO_HASH))
    throw altered(name, 'its sha256 is missing');
  if ((await files.sha256(copy)) !== sha256)
    throw altered(name, 'its sha256 is not the one that was written');
  const named = Object.entries(tensors);
  const select = (training: boolean): HostTensors =>
    Object.fromEntries(named.filter(([key]) => isTrainingTensor(key) === training));
  return checkpointOf(
    name,
    JSON.parse(metadata['state']!) as SavedState,
    select(false),
    JSON.parse(metadata['layouts']!) as Record<string, string>,
    select(true),
  );
}

function read(bytes: Uint8Array, name: string): ReturnType<typeof decodeTensors> {
  try {
    return decodeTensors(bytes);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new CheckpointError(`${name} cannot be read as a checkpoint. ${reason}`, { cause });
  }
}

function altered(name: string, what: string): CheckpointError {
  return new CheckpointError(
    `A checkpoint is read as it was written, or not at all. Received: ${name}, which was altered: ${what}. Download or copy it again.`,
  );
}

/** Writes `next` over the hash in the header; false when there is none. */
function putHash(bytes: Uint8Array, before: string, next: string): boolean {
  const key = new TextEncoder().encode(`"sha256":"${before}"`);
  const header = bytes.subarray(
    8,
    8 + Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true)),
  );
  const at = header.findIndex((_, i) => key.every((byte, j) => header[i + j] === byte));
  if (at === -1) return false;
  header.set(new TextEncoder().encode(next), at + '"sha256":"'.length);
  return true;
}
