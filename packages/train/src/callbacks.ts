import type { EpochRecord, History } from './history.js';

export interface FitStart {
  /** Epochs that training will have done in all. */
  readonly epochs: number;
  /** Epochs and steps done before this call of `fit()`. */
  readonly epochsDone: number;
  readonly step: number;
  /** Batches in an epoch, where the loader says; else null. */
  readonly batchesPerEpoch: number | null;
  /** The checkpoint that this call resumed from, or null. */
  readonly resumedFrom: string | null;
}

export interface EpochStart {
  /** Counted from 1. */
  readonly epoch: number;
  readonly step: number;
}

export interface StepEnd {
  /** Steps done since training began, this one included. */
  readonly step: number;
  /** Counted from 1. */
  readonly epoch: number;
  /** Batches done in this epoch. */
  readonly batch: number;
  /** Samples seen in this epoch. */
  readonly samples: number;
  /** Seconds spent on this epoch's steps. */
  readonly seconds: number;
  readonly learningRate: number;
  /** Reads this step's loss from the device: a GPU waits for it, so not on every step. Only during the callback. */
  loss(): Promise<number>;
  /** Reads the epoch's running loss and metrics, likewise. */
  metrics(): Promise<Record<string, number>>;
}

export interface CheckpointWritten {
  readonly path: string;
  readonly step: number;
}

/**
 * What a trainer calls while it fits. Each may return a promise, which is awaited. An exception from
 * one ends `fit()` with it; nothing leaks.
 */
export interface Callbacks {
  onFitStart?(event: FitStart): void | Promise<void>;
  onEpochStart?(event: EpochStart): void | Promise<void>;
  onStepEnd?(event: StepEnd): void | Promise<void>;
  onEpochEnd?(event: EpochRecord): void | Promise<void>;
  onCheckpoint?(event: CheckpointWritten): void | Promise<void>;
  /** Also after an interruption. After an exception, `onFitFailed` is called instead. */
  onFitEnd?(event: History): void | Promise<void>;
  /** Lets a callback free what it holds; the exception goes on to the caller of `fit()`. */
  onFitFailed?(error: unknown): void | Promise<void>;
}

/** Calls each one's `name` in order, and waits for it. */
export async function notify<K extends keyof Callbacks>(
  all: readonly Callbacks[],
  name: K,
  event: Parameters<NonNullable<Callbacks[K]>>[0],
): Promise<void> {
  for (const callbacks of all) {
    const call = callbacks[name] as ((event: unknown) => void | Promise<void>) | undefined;
    // Called on its object: a callback may be a class instance with state of its own.
    if (call) await call.call(callbacks, event);
  }
}
