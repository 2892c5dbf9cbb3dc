import { activeBackend, CheckpointError } from '@stratajs/core';
import type { Checkpoint, Extra } from './checkpoint/checkpoint.js';
import type { HostTensors } from './checkpoint/host-tensor.js';
import type { EpochRecord } from './history.js';
import type { JsonObject } from './json.js';

/** Where training stands. Between steps it says all that a trainer itself must know to go on. */
export interface Position {
  /** Epochs done. */
  epoch: number;
  /** Batches done of the epoch after those; all of them, when its end was interrupted. */
  batch: number;
  /** Steps done in all. */
  step: number;
  /** Samples seen in the unfinished epoch. */
  samples: number;
  /** Spent on the steps of the unfinished epoch. */
  seconds: number;
  /** The unfinished epoch's totals of loss and metrics; null when nothing of it is done. */
  totals: HostTensors | null;
  /** One for each epoch done. */
  epochs: EpochRecord[];
  /** Whether the newest checkpoint of the run directory holds exactly this position. */
  saved: boolean;
}

export function start(): Position {
  return {
    epoch: 0,
    batch: 0,
    step: 0,
    samples: 0,
    seconds: 0,
    totals: null,
    epochs: [],
    saved: false,
  };
}

/** The position as a checkpoint's `extra`, with the number of log lines written so far, and the engine that computes. */
export function toExtra(position: Position, logLines: number): Extra {
  const { totals, epochs, saved: _, ...numbers } = position;
  return {
    json: {
      trainer: {
        ...numbers,
        logLines,
        engine: activeBackend()?.name ?? null,
        epochs: epochs as unknown as JsonObject[],
      },
    },
    tensors: totals ?? {},
  };
}

/**
 * The inverse of `toExtra`.
 *
 * @throws CheckpointError when the checkpoint was not written by a trainer.
 */
export function fromExtra(checkpoint: Checkpoint): {
  position: Position;
  logLines: number;
  /** null where the checkpoint does not say. */
  engine: string | null;
} {
  const { json, tensors } = checkpoint.extra;
  const saved = json['trainer'] as
    | (Omit<Position, 'totals' | 'saved'> & { logLines: number; engine?: string | null })
    | undefined;
  if (typeof saved?.epoch !== 'number' || !Array.isArray(saved.epochs)) {
    throw new CheckpointError(
      `fit() resumes from checkpoints that a Trainer wrote. Received: ${checkpoint.path}, which says no position in ` +
        'the epochs. Load its weights with loadCheckpoint() and begin a new run.',
    );
  }
  const { logLines, epochs, engine = null, ...numbers } = saved;
  return {
    logLines,
    engine,
    position: {
      ...numbers,
      totals: Object.keys(tensors).length > 0 ? tensors : null,
      epochs: epochs.map(withNaN),
      saved: false,
    },
  };
}

/** JSON writes NaN as null. */
function withNaN(record: EpochRecord): EpochRecord {
  return JSON.parse(
    JSON.stringify(record),
    (_key, value: unknown) => value ?? Number.NaN,
  ) as EpochRecord;
}
