import type { Rng, Tensor } from '@stratajs/core';

/** Examples as tensors of the active engine. Whoever asked for them disposes them. */
export interface Batch {
  /** Inputs [n, …], float32. */
  readonly x: Tensor;
  /** Targets [n], int32 class labels. */
  readonly y: Tensor;
}

export interface BatchOptions {
  /** Draws for random transforms. Default: the default generator, which `seed()` sets. */
  rng?: Rng | undefined;
}

/** What a Loader needs of a data set: a length, and examples by index. */
export interface Dataset {
  readonly name: string;
  /** Number of examples. */
  readonly length: number;
  /** The examples at `indices`, each in [0, length), in that order. */
  batch(indices: ArrayLike<number>, options?: BatchOptions): Batch;
}
