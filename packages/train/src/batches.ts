import { ConfigError, describeValue, isTensor, ShapeError, type Tensor } from '@stratajs/core';

/** Inputs and the targets that belong to them, as many along the first axis of each. */
export interface TrainingBatch {
  readonly x: Tensor;
  readonly y: Tensor;
}

/** What `fit()` trains on: a `Loader` of the data package has this shape, and so may anything else. */
export interface BatchSource {
  /** Batches in an epoch. */
  readonly length: number;
  /** The batches of an epoch from `from` on; the same ones whenever it is asked. The trainer disposes each. */
  epoch(
    epoch: number,
    options?: { from?: number },
  ): Iterable<TrainingBatch> | AsyncIterable<TrainingBatch>;
  /** What the order of batches depends on, as JSON. */
  state(): unknown;
  restore(state: never): void;
}

/**
 * Batches to go through once: a loader (its epoch 0), a generator, whose batches the trainer disposes;
 * or an array, whose batches stay the caller's.
 */
export type Batches = BatchSource | Iterable<TrainingBatch> | AsyncIterable<TrainingBatch>;

export function isBatchSource(value: unknown): value is BatchSource {
  const source = value as Partial<BatchSource> | null;
  return (
    typeof source === 'object' &&
    source !== null &&
    typeof source.epoch === 'function' &&
    typeof source.state === 'function' &&
    typeof source.restore === 'function'
  );
}

/** Goes through batches, disposing each that is the trainer's once the next is asked for. */
export async function* eachBatch(batches: Batches, what: string): AsyncGenerator<TrainingBatch> {
  const all = isBatchSource(batches) ? batches.epoch(0) : batches;
  if (
    typeof all !== 'object' ||
    all === null ||
    !(Symbol.iterator in all || Symbol.asyncIterator in all)
  ) {
    throw new ConfigError(
      `${what} takes batches: a Loader, or an array or generator of { x, y }. Received: ${describeValue(batches)}.`,
    );
  }
  const owned = !Array.isArray(all);
  for await (const batch of all) {
    try {
      checkBatch(batch, what);
      yield batch;
    } finally {
      if (owned) disposeBatch(batch);
    }
  }
}

/** @throws ShapeError unless the batch is { x, y } with as many samples in both. */
export function checkBatch(batch: TrainingBatch, what: string): void {
  const { x, y } = batch ?? {};
  if (isTensor(x) && isTensor(y) && x.rank > 0 && x.shape[0] === y.shape[0] && x.shape[0]! > 0)
    return;
  throw new ShapeError(
    `${what} takes batches { x, y } of tensors with as many samples, at least one, along the first axis of each. ` +
      `Received: x ${describeValue(x)}, y ${describeValue(y)}.`,
  );
}

export function disposeBatch(batch: TrainingBatch): void {
  if (isTensor(batch?.x)) batch.x.dispose();
  if (isTensor(batch?.y)) batch.y.dispose();
}
