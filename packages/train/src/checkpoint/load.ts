import { CheckpointError, type State } from '@stratajs/core';
import type { Checkpoint, CheckpointParts } from './checkpoint.js';
import { misfits, writeStates } from './host-tensor.js';
import { randomMisfits, restoreRandom } from './random-state.js';
import { readCheckpoint } from './read.js';

export interface LoadOptions extends CheckpointParts {
  /**
   * Whether the default generator, the model's and `rngs` go back to where they stood. Default: whether
   * an optimizer is given, that is, whether training goes on.
   */
  readonly random?: boolean;
}

/**
 * Reads a checkpoint and puts it back: the model's states, and whatever else is given.
 *
 *     await loadCheckpoint(path, { model });                       // to evaluate
 *     await loadCheckpoint(path, { model, optimizer, loader });    // to go on
 *
 * Everything is checked first: either all of it is put back, or nothing.
 *
 * @returns the checkpoint, for its step and what was saved as `extra`.
 * @throws CheckpointError when it is missing, damaged, foreign, or does not fit; every misfit is listed.
 */
export async function loadCheckpoint(path: string, options: LoadOptions): Promise<Checkpoint> {
  const checkpoint = await readCheckpoint(path);
  restoreCheckpoint(checkpoint, options);
  return checkpoint;
}

/** Puts a checkpoint that has been read back into its parts: all, or nothing when it does not fit. */
export function restoreCheckpoint(checkpoint: Checkpoint, options: LoadOptions): void {
  const { model, optimizer, loader, random = optimizer !== undefined } = options;
  const states = byName(model);
  const slots = optimizer ? byName(optimizer) : null;
  const faults = misfits('state', states, checkpoint.model);
  if (slots) {
    if (checkpoint.optimizer)
      faults.push(...misfits('optimizer slot', slots, checkpoint.optimizer.slots));
    else faults.push('missing in the checkpoint: the optimizer');
  }
  if (loader && checkpoint.loader === null)
    faults.push("missing in the checkpoint: the loader's position");
  if (random) faults.push(...randomMisfits(options, checkpoint.random));
  if (faults.length > 0) {
    throw new CheckpointError(
      `A checkpoint is put back into what it was saved from. Received: ${checkpoint.path}, which does not fit:\n` +
        `  ${faults.join('\n  ')}\nNothing was loaded. Build model and optimizer with the options they were saved with.`,
    );
  }
  // These two check for themselves, before they change anything, and may still refuse.
  if (optimizer && checkpoint.optimizer)
    refusable(checkpoint, () => optimizer.restore(checkpoint.optimizer!.state as never));
  if (loader) refusable(checkpoint, () => loader.restore(checkpoint.loader as never));
  writeStates(states, checkpoint.model);
  if (slots) writeStates(slots, checkpoint.optimizer!.slots);
  if (random) restoreRandom(options, checkpoint.random);
}

function byName(holder: { namedStates(): Iterable<readonly [string, State]> }): Map<string, State> {
  return new Map(holder.namedStates());
}

function refusable(checkpoint: Checkpoint, restore: () => void): void {
  try {
    restore();
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new CheckpointError(`The checkpoint ${checkpoint.path} does not fit: ${reason}`, {
      cause,
    });
  }
}
