import { CheckpointError } from '@stratajs/core';
import { files } from '#platform';
import { makeManifest, MANIFEST, type Parts, PARTS } from './format.js';
import { freeName, retireOld } from './names.js';

/**
 * Puts a checkpoint on disk so that a process killed at any moment leaves the ones before it whole:
 * written and synced under a temporary name, then renamed, then the directory synced. Only after
 * that are old ones removed.
 *
 * @returns the path of the new checkpoint.
 * @throws CheckpointError when the file system refuses; nothing that was there is touched.
 */
export async function publish(
  directory: string,
  step: number,
  parts: Parts,
  keepLast: number,
): Promise<string> {
  let temporary: string | null = null;
  try {
    await files.makeDirectory(directory);
    const path = files.join(directory, await freeName(directory, step));
    temporary = `${path}.tmp`;
    await files.remove(temporary);
    await files.makeDirectory(temporary);
    for (const name of PARTS) await files.write(files.join(temporary, name), parts[name]);
    await files.write(files.join(temporary, MANIFEST), await makeManifest(parts));
    await files.sync(temporary);
    await files.rename(temporary, path);
    temporary = null;
    await files.sync(directory);
    await files.sync(files.parent(directory));
    await retireOld(directory, keepLast);
    return path;
  } catch (cause) {
    // The reason that counts is the first one.
    if (temporary) await files.remove(temporary).catch(() => {});
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new CheckpointError(
      `A checkpoint of step ${step} could not be written to ${directory}: ${reason}. ` +
        'Checkpoints written before are untouched. Make room or choose a directory that can be written.',
      { cause },
    );
  }
}
