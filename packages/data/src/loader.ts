import { ConfigError, defaultRng, Rng, type RngState } from '@stratajs/core';
import type { Batch, Dataset } from './dataset.js';

export interface LoaderOptions {
  /** Examples per batch, at least 1. */
  readonly batchSize: number;
  /** A new order in every epoch. Default: true. */
  readonly shuffle?: boolean | undefined;
  /** Leave out a last batch that is not full. Default: false. */
  readonly dropLast?: boolean | undefined;
  /** Decides the order and random transforms. Default: one drawn from the default generator. */
  readonly rng?: Rng | undefined;
  /** Short for `rng: new Rng(seed)`. */
  readonly seed?: number | undefined;
}

/** Where a loader stands, as JSON. */
export interface LoaderState {
  readonly epoch: number;
  /** Batches of the epoch that were handed out. */
  readonly index: number;
  readonly rng: RngState;
  /** What the order depends on besides; restore() refuses a loader that differs. */
  readonly length: number;
  readonly batchSize: number;
  readonly shuffle: boolean;
  readonly dropLast: boolean;
}

/**
 * Hands out a data set in batches, in an order that depends on the seed and the number of the epoch
 * alone: epoch 7 is the same whether or not epochs 0 to 6 came before it, and batch 30 of it the same
 * whether or not batches 0 to 29 did. That makes resuming exact.
 *
 * ```ts
 * const loader = new Loader(train, { batchSize: 64, seed: 1 });
 * for (const { x, y } of loader.epoch(0)) { …; x.dispose(); y.dispose(); }
 * ```
 *
 * A batch's tensors belong to the caller, who disposes them.
 *
 * @throws ConfigError when an option is out of range, or no batch would come out.
 */
export class Loader {
  readonly dataset: Dataset;
  readonly batchSize: number;
  readonly shuffle: boolean;
  readonly dropLast: boolean;
  /** Batches per epoch. */
  readonly length: number;
  private rng: Rng;
  private position = { epoch: 0, index: 0 };
  private restored = false;

  constructor(dataset: Dataset, options: LoaderOptions) {
    const { batchSize, shuffle = true, dropLast = false, rng, seed } = options;
    if (!Number.isInteger(batchSize) || batchSize < 1) {
      throw new ConfigError(
        `batchSize is a whole number, at least 1. Received: batchSize=${batchSize}.`,
      );
    }
    if (dropLast && batchSize > dataset.length) {
      throw new ConfigError(
        `With dropLast, batchSize is at most the number of examples, or no batch comes out. ` +
          `Received: batchSize=${batchSize} for ${dataset.length} examples of '${dataset.name}'.`,
      );
    }
    if (rng !== undefined && seed !== undefined) {
      throw new ConfigError(
        `A Loader takes rng or seed, not both. Received: seed=${seed} and an rng.`,
      );
    }
    this.dataset = dataset;
    this.batchSize = batchSize;
    this.shuffle = shuffle;
    this.dropLast = dropLast;
    this.length = (dropLast ? Math.floor : Math.ceil)(dataset.length / batchSize);
    this.rng = rng ?? (seed === undefined ? defaultRng().fork() : new Rng(seed));
  }

  /** Examples that one epoch hands out. */
  get examples(): number {
    return this.dropLast ? this.length * this.batchSize : this.dataset.length;
  }

  /**
   * The batches of epoch `epoch`, from batch `from` on. Without `from`, an epoch that `restore()` left
   * in the middle goes on from there, once; any other begins at its beginning.
   */
  epoch(epoch: number, options: { from?: number | undefined } = {}): IterableIterator<Batch> {
    checkCount('epoch', epoch, Number.MAX_SAFE_INTEGER);
    const resumes = this.restored && this.position.epoch === epoch;
    const from = options.from ?? (resumes ? this.position.index : 0);
    checkCount('from', from, this.length);
    this.restored = false;
    this.position = { epoch, index: from };
    return this.batches(epoch, from);
  }

  /** The order of the examples in an epoch. */
  order(epoch: number): Int32Array {
    if (!this.shuffle) return Int32Array.from({ length: this.dataset.length }, (_, i) => i);
    return this.rng.fork(epoch).permutation(this.dataset.length);
  }

  /** Where the loader stands: inside the loop over an epoch, after the batch in hand. */
  state(): LoaderState {
    const { batchSize, shuffle, dropLast } = this;
    return {
      ...this.position,
      rng: this.rng.state(),
      length: this.dataset.length,
      batchSize,
      shuffle,
      dropLast,
    };
  }

  /**
   * Takes up a saved state: `epoch(state.epoch)` then gives the batches that were still to come.
   *
   * @throws ConfigError when the state is of a loader with another number of examples or other options.
   */
  restore(state: LoaderState): void {
    const own = this.state();
    for (const key of ['length', 'batchSize', 'shuffle', 'dropLast'] as const) {
      if (state[key] !== own[key]) {
        throw new ConfigError(
          `A loader takes up the state of one with the same ${key}. ` +
            `Received: ${key}=${String(state[key])}, and this one has ${key}=${own[key]}. ` +
            'Resume with the data set and the options that the state was saved with.',
        );
      }
    }
    checkCount('epoch', state.epoch, Number.MAX_SAFE_INTEGER);
    checkCount('index', state.index, this.length);
    const rng = new Rng(0);
    rng.restore(state.rng);
    this.rng = rng;
    this.position = { epoch: state.epoch, index: state.index };
    this.restored = true;
  }

  private *batches(epoch: number, from: number): IterableIterator<Batch> {
    const order = this.order(epoch);
    for (let index = from; index < this.length; index++) {
      const start = index * this.batchSize;
      // A stream of its own per batch: random transforms are alike whichever batches came before.
      const rng = this.rng.fork(epoch).fork(index);
      const batch = this.dataset.batch(order.subarray(start, start + this.batchSize), { rng });
      this.position = { epoch, index: index + 1 };
      yield batch;
    }
  }
}

function checkCount(what: string, value: number, most: number): void {
  if (!Number.isInteger(value) || value < 0 || value > most) {
    const limit = most === Number.MAX_SAFE_INTEGER ? '' : `, at most ${most}`;
    throw new ConfigError(
      `${what} is a whole number from 0 on${limit}. Received: ${what}=${value}.`,
    );
  }
}
