/**
 * A checkpoint is a directory of four files:
 *
 *     model.safetensors      every State of the model, by name
 *     training.safetensors   optimizer slots under 'optimizer/', other tensors under 'extra/'
 *     state.json             everything else
 *     manifest.json          format, version, and size and sha256 of the other three
 *
 * It is written under another name, synced, and renamed; so it is there whole or not at all.
 */
import { CheckpointError } from '@stratajs/core';
import { files } from '#platform';

export const FORMAT = 'strata-checkpoint';
export const VERSION = 1;
export const MANIFEST = 'manifest.json';
export const PARTS = ['model.safetensors', 'training.safetensors', 'state.json'] as const;

export type PartName = (typeof PARTS)[number];
export type Parts = Readonly<Record<PartName, Uint8Array>>;

interface Manifest {
  readonly format: string;
  readonly version: number;
  readonly files: Readonly<Record<string, { readonly bytes: number; readonly sha256: string }>>;
}

export async function makeManifest(parts: Parts): Promise<Uint8Array> {
  const entries: Record<string, { bytes: number; sha256: string }> = {};
  for (const name of PARTS) {
    entries[name] = { bytes: parts[name].length, sha256: await files.sha256(parts[name]) };
  }
  const manifest: Manifest = { format: FORMAT, version: VERSION, files: entries };
  return new TextEncoder().encode(`${JSON.stringify(manifest, null, 2)}\n`);
}

/**
 * The parts of the checkpoint at `path`, each of the size and hash that its manifest says.
 *
 * @throws CheckpointError that says what is wrong with which file.
 */
export async function readParts(path: string): Promise<Parts> {
  const manifest = parseManifest(path, await files.read(files.join(path, MANIFEST)));
  const parts: Partial<Record<PartName, Uint8Array>> = {};
  for (const name of PARTS) {
    const expected = manifest.files[name];
    const bytes = await files.read(files.join(path, name));
    if (!bytes) throw damaged(path, `${name} is missing`);
    if (bytes.length !== expected?.bytes) {
      throw damaged(
        path,
        `${name} has ${bytes.length} bytes where ${expected?.bytes} were written (truncated?)`,
      );
    }
    if ((await files.sha256(bytes)) !== expected.sha256) {
      throw damaged(path, `${name} was altered: its sha256 is not the one that was written`);
    }
    parts[name] = bytes;
  }
  return parts as Parts;
}

export function damaged(path: string, what: string): CheckpointError {
  return new CheckpointError(`The checkpoint ${path} is damaged: ${what}.`);
}

function parseManifest(path: string, bytes: Uint8Array | null): Manifest {
  if (!bytes) {
    throw new CheckpointError(
      `A checkpoint is a directory with a ${MANIFEST}. Received: ${path}, which has none.`,
    );
  }
  let manifest: Partial<Manifest> | null;
  try {
    manifest = JSON.parse(new TextDecoder().decode(bytes)) as Partial<Manifest> | null;
  } catch {
    throw damaged(path, `${MANIFEST} is not JSON`);
  }
  if (manifest?.format !== FORMAT) {
    throw new CheckpointError(
      `A checkpoint's ${MANIFEST} says format '${FORMAT}'. Received: ${path}, which says ` +
        `${JSON.stringify(manifest?.format)}: it is damaged, or another program's.`,
    );
  }
  if (manifest.version !== VERSION) {
    throw new CheckpointError(
      `This version of Strata reads checkpoints of version ${VERSION}. Received: ${path} of version ` +
        `${JSON.stringify(manifest.version)}. Read it with the version of Strata that wrote it.`,
    );
  }
  if (typeof manifest.files !== 'object' || manifest.files === null) {
    throw damaged(path, `${MANIFEST} lists no files`);
  }
  return manifest as Manifest;
}
