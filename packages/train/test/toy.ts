/** Small things to train. */
import { Rng, tensor } from '@stratajs/core';
import { ArrayDataset, Loader } from '@stratajs/data';
import { Dropout, Linear, ReLU, Sequential } from '@stratajs/layers';
import type { BatchSource, TrainingBatch } from '../src/index.js';

/** Points in 4 dimensions, of 3 classes by the greatest of their first three values. */
export function toyData(count: number = 24, seed: number = 5): ArrayDataset {
  const data = new Rng(seed).normalArray(count * 4);
  const labels = Array.from({ length: count }, (_, i) => {
    const first = [...data.subarray(i * 4, i * 4 + 3)];
    return first.indexOf(Math.max(...first));
  });
  return new ArrayDataset({ name: 'toy', inputs: { data, shape: [4] }, labels, numClasses: 3 });
}

/** 5 batches: of 5, 5, 5, 5 and 4. */
export function toyLoader(seed: number = 1): Loader {
  return new Loader(toyData(), { batchSize: 5, seed });
}

export function toyModel(seed: number = 2, dropout: number = 0.25): Sequential {
  const rng = new Rng(seed);
  return new Sequential(
    new Linear(4, 6, { rng }),
    new ReLU(),
    new Dropout(dropout, { rng }),
    new Linear(6, 3, { rng }),
  );
}

/** Rows of numbers in batches: in every epoch the same, in order. */
export interface Rows {
  readonly x: readonly number[][];
  readonly y: readonly (number | number[])[];
  readonly yType?: 'int32' | 'float32';
}

export class RowBatches implements BatchSource {
  readonly length: number;
  private readonly batches: readonly Rows[];

  constructor(batches: readonly Rows[]) {
    this.batches = batches;
    this.length = batches.length;
  }

  *epoch(_epoch: number, { from = 0 }: { from?: number } = {}): Iterable<TrainingBatch> {
    for (const { x, y, yType = 'float32' } of this.batches.slice(from)) {
      yield { x: tensor(x), y: tensor(y, undefined, yType) };
    }
  }

  state(): unknown {
    return { batches: this.length };
  }

  restore(): void {}
}
