import { ConfigError, type Rng } from '@stratajs/core';

/** Raw values of a batch in host memory; transforms write into it. */
export interface RawBatch {
  readonly data: Uint8Array | Float32Array;
  /** [n, …] */
  readonly shape: readonly number[];
}

/** Changes a batch in place; all that is random in it comes from `rng`. */
export type Transform = (batch: RawBatch, rng: Rng) => void;

/** @throws ConfigError unless the batch holds images [n, height, width, channels]. */
export function imageShape(batch: RawBatch, transform: string): [number, number, number, number] {
  if (batch.shape.length !== 4) {
    throw new ConfigError(
      `${transform} takes images [n, height, width, channels]. Received: a batch of shape [${batch.shape.join(', ')}].`,
    );
  }
  return batch.shape as unknown as [number, number, number, number];
}
