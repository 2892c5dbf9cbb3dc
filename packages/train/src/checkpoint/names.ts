/** The directories that checkpoints lie in. */
import { files } from '#platform';

/**
 * A checkpoint is the directory `step-<steps done>`; `step-<steps done>.<n>` when the same step is
 * saved again. What carries another ending is unfinished or given up, and no checkpoint.
 */
const COMPLETE = /^step-(\d+)(?:\.(\d+))?$/;
const DEBRIS = /^step-\d+(?:\.\d+)?\.(?:tmp|retired|superseded)$/;

export interface CheckpointName {
  readonly path: string;
  readonly step: number;
}

/** The checkpoints in a directory, oldest first. Whether they are undamaged is seen on reading. */
export async function listCheckpoints(directory: string): Promise<CheckpointName[]> {
  const found: (CheckpointName & { again: number })[] = [];
  for (const name of await files.list(directory)) {
    const match = COMPLETE.exec(name);
    if (match) {
      found.push({
        path: files.join(directory, name),
        step: Number(match[1]),
        again: Number(match[2] ?? 0),
      });
    }
  }
  found.sort((a, b) => a.step - b.step || a.again - b.again);
  return found.map(({ path, step }) => ({ path, step }));
}

/** A name for a checkpoint of `step` that none in the directory has and that sorts last among its step's. */
export async function freeName(directory: string, step: number): Promise<string> {
  const base = `step-${String(step).padStart(6, '0')}`;
  let last = -1;
  for (const name of await files.list(directory)) {
    const match = COMPLETE.exec(name);
    if (match && Number(match[1]) === step) last = Math.max(last, Number(match[2] ?? 0));
  }
  return last < 0 ? base : `${base}.${last + 1}`;
}

/** Removes what a killed process left unfinished, and what was given up. */
export async function sweep(directory: string): Promise<void> {
  for (const name of await files.list(directory)) {
    if (DEBRIS.test(name)) await files.remove(files.join(directory, name));
  }
}

/** Removes all but the newest `keep`. Renamed first, so that none is ever seen half removed. */
export async function retireOld(directory: string, keep: number): Promise<void> {
  const all = await listCheckpoints(directory);
  for (const { path } of all.slice(0, Math.max(0, all.length - keep))) {
    await files.rename(path, `${path}.retired`);
  }
  await sweep(directory);
}

/** Sets aside the checkpoints newer than `path`: a run that goes on from `path` will write its own. */
export async function supersedeNewer(path: string): Promise<void> {
  const all = await listCheckpoints(files.parent(path));
  const at = all.findIndex((c) => files.name(c.path) === files.name(path));
  if (at < 0) return;
  for (const newer of all.slice(at + 1).reverse()) {
    await files.rename(newer.path, `${newer.path}.superseded`);
  }
}
