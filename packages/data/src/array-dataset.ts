import { ConfigError, defaultRng, type Rng, tensor } from '@stratajs/core';
import type { Batch, BatchOptions, Dataset } from './dataset.js';
import type { DataSource } from './files/file-set.js';
import { Normaliser } from './normaliser.js';
import type { Transform } from './transforms/transform.js';

/** Inputs of all examples, one after another, row-major. */
export interface InputArray {
  readonly data: Uint8Array | Float32Array;
  /** Of one example, for example [28, 28, 1]: channels last. */
  readonly shape: readonly number[];
}

export interface ArrayDatasetOptions {
  readonly name: string;
  readonly inputs: InputArray;
  /** One class per example, in [0, numClasses). */
  readonly labels: ArrayLike<number>;
  readonly numClasses: number;
  readonly classNames?: readonly string[] | undefined;
  /** Subtracted after bytes were scaled to [0, 1]: one number, or one per channel. Default: 0. */
  readonly mean?: number | readonly number[] | undefined;
  /** Divides after `mean` was subtracted: one number, or one per channel. Default: 1. */
  readonly std?: number | readonly number[] | undefined;
  /** Applied in order to the raw values of a batch, before scaling. Default: none. */
  readonly transforms?: readonly Transform[] | undefined;
  /** Default: `{ kind: 'memory' }`. */
  readonly source?: DataSource | undefined;
}

/** A batch in host memory. */
export interface HostBatch {
  /** Normalised inputs, row-major, of shape [indices.length, ...inputs.shape]. */
  readonly x: Float32Array;
  readonly y: Int32Array;
}

/**
 * A classification data set held in host memory as bytes (or floats); batches are made on demand.
 *
 * A batch's inputs are x = (v / 255 − mean) / std for bytes v, and (v − mean) / std for floats, with
 * mean and std of the channel (the last axis).
 *
 * @throws ConfigError when sizes do not fit one another, a label is out of range, or nothing is in it.
 */
export class ArrayDataset implements Dataset {
  readonly name: string;
  readonly length: number;
  readonly inputs: InputArray;
  readonly labels: Int32Array;
  readonly numClasses: number;
  readonly classNames: readonly string[];
  readonly source: DataSource;
  readonly transforms: readonly Transform[];
  private readonly normaliser: Normaliser;
  private readonly options: ArrayDatasetOptions;
  private readonly exampleSize: number;
  /** tensor() copies, so that one buffer serves every batch of a size. */
  private scratch: Float32Array = new Float32Array(0);

  constructor(options: ArrayDatasetOptions) {
    const { name, inputs, numClasses } = options;
    this.options = options;
    this.name = name;
    this.inputs = inputs;
    this.exampleSize = checkShape(name, inputs);
    this.length = inputs.data.length / this.exampleSize;
    this.labels = checkLabels(options, this.length);
    this.numClasses = numClasses;
    this.classNames =
      options.classNames ?? Array.from({ length: numClasses }, (_, label) => String(label));
    if (this.classNames.length !== numClasses) {
      throw new ConfigError(
        `classNames of '${name}' must name ${numClasses} classes. Received: ${this.classNames.length} names.`,
      );
    }
    this.source = options.source ?? { kind: 'memory' };
    this.transforms = options.transforms ?? [];
    const channels = inputs.shape.at(-1)!;
    const isBytes = inputs.data instanceof Uint8Array;
    this.normaliser = new Normaliser(options.mean ?? 0, options.std ?? 1, channels, isBytes);
  }

  /**
   * The examples at `indices` as tensors x [n, ...inputs.shape] float32 and y [n] int32. The caller
   * disposes both.
   *
   * @throws ConfigError when there is no index, or one lies outside [0, length).
   */
  batch(indices: ArrayLike<number>, options: BatchOptions = {}): Batch {
    const n = indices.length;
    if (this.scratch.length !== n * this.exampleSize) {
      this.scratch = new Float32Array(n * this.exampleSize);
    }
    const y = this.fill(indices, this.scratch, options.rng);
    return { x: tensor(this.scratch, [n, ...this.inputs.shape]), y: tensor(y, [n], 'int32') };
  }

  /** The same as `batch`, in host memory, without an engine. */
  get(indices: ArrayLike<number>, options: BatchOptions = {}): HostBatch {
    const x = new Float32Array(indices.length * this.exampleSize);
    return { x, y: this.fill(indices, x, options.rng) };
  }

  /** The examples from `start` up to, not including, `end`: a view, nothing is copied. */
  slice(start: number, end: number = this.length): ArrayDataset {
    if (!(isIndex(start, this.length) && isIndex(end - 1, this.length) && start < end)) {
      throw new ConfigError(
        `slice(start, end) needs whole numbers with 0 <= start < end <= ${this.length}. ` +
          `Received: slice(${start}, ${end}) of '${this.name}'.`,
      );
    }
    const data = this.inputs.data.subarray(start * this.exampleSize, end * this.exampleSize);
    return this.with({
      inputs: { data, shape: this.inputs.shape },
      labels: this.labels.subarray(start, end),
    });
  }

  /** `n` examples: drawn without replacement by `rng`, or the first n without one. */
  subset(n: number, options: { rng?: Rng | undefined } = {}): ArrayDataset {
    if (!isIndex(n - 1, this.length)) {
      throw new ConfigError(
        `subset(n) takes between 1 and ${this.length} examples of '${this.name}'. Received: ${n}.`,
      );
    }
    if (options.rng === undefined) return this.slice(0, n);
    return this.pick(options.rng.permutation(this.length).subarray(0, n));
  }

  /**
   * Two disjoint parts that together are the whole: the first holds `fraction` of the examples
   * (rounded), drawn by `rng`, or the first of them without one.
   */
  split(fraction: number, options: { rng?: Rng | undefined } = {}): [ArrayDataset, ArrayDataset] {
    const n = Math.round(fraction * this.length);
    if (!(n >= 1 && n < this.length)) {
      throw new ConfigError(
        `split(fraction) must leave an example in both parts of '${this.name}' (${this.length} examples). ` +
          `Received: fraction=${fraction}.`,
      );
    }
    if (options.rng === undefined) return [this.slice(0, n), this.slice(n)];
    const order = options.rng.permutation(this.length);
    return [this.pick(order.subarray(0, n)), this.pick(order.subarray(n))];
  }

  /** The same examples under other options, for example `with({ transforms: [randomFlip()] })`. */
  with(changes: Partial<ArrayDatasetOptions>): ArrayDataset {
    return new ArrayDataset({ ...this.options, ...changes });
  }

  private pick(indices: Int32Array): ArrayDataset {
    const { data, shape } = this.inputs;
    const size = this.exampleSize;
    const picked =
      data instanceof Uint8Array
        ? new Uint8Array(indices.length * size)
        : new Float32Array(indices.length * size);
    const labels = this.gather(indices, picked);
    return this.with({ inputs: { data: picked, shape }, labels });
  }

  /** Copies raw inputs into `to` and returns the labels. */
  private gather(indices: ArrayLike<number>, to: Uint8Array | Float32Array): Int32Array {
    const { data } = this.inputs;
    const size = this.exampleSize;
    const labels = this.labelsAt(indices);
    for (let i = 0; i < indices.length; i++) {
      const from = indices[i]! * size;
      to.set(data.subarray(from, from + size), i * size);
    }
    return labels;
  }

  private fill(indices: ArrayLike<number>, x: Float32Array, rng: Rng | undefined): Int32Array {
    const { data, shape } = this.inputs;
    const size = this.exampleSize;
    if (this.transforms.length === 0) {
      const labels = this.labelsAt(indices);
      for (let i = 0; i < indices.length; i++) {
        this.normaliser.apply(data, indices[i]! * size, x, i * size, size);
      }
      return labels;
    }
    const raw = data instanceof Uint8Array ? new Uint8Array(x.length) : new Float32Array(x.length);
    const labels = this.gather(indices, raw);
    const batch = { data: raw, shape: [indices.length, ...shape] };
    for (const transform of this.transforms) transform(batch, rng ?? defaultRng());
    this.normaliser.apply(raw, 0, x, 0, raw.length);
    return labels;
  }

  private labelsAt(indices: ArrayLike<number>): Int32Array {
    if (!(indices.length >= 1)) {
      throw new ConfigError(`A batch of '${this.name}' needs at least one index. Received: none.`);
    }
    const labels = new Int32Array(indices.length);
    for (let i = 0; i < labels.length; i++) {
      const index = indices[i]!;
      if (!isIndex(index, this.length)) {
        throw new ConfigError(
          `Indices into '${this.name}' are whole numbers in [0, ${this.length}). Received: ${index} at position ${i}.`,
        );
      }
      labels[i] = this.labels[index]!;
    }
    return labels;
  }
}

function isIndex(value: number, length: number): boolean {
  return Number.isInteger(value) && value >= 0 && value < length;
}

/** @returns The number of values in one example. */
function checkShape(name: string, { data, shape }: InputArray): number {
  const size = shape.reduce((product, n) => product * n, 1);
  if (shape.length === 0 || !shape.every((n) => Number.isInteger(n) && n > 0)) {
    throw new ConfigError(
      `The shape of an example of '${name}' is one or more positive whole numbers. Received: [${shape.join(', ')}].`,
    );
  }
  if (data.length === 0 || data.length % size !== 0) {
    throw new ConfigError(
      `The inputs of '${name}' must hold whole examples of ${size} values ([${shape.join(', ')}]), one at least. ` +
        `Received: ${data.length} values.`,
    );
  }
  return size;
}

function checkLabels(options: ArrayDatasetOptions, length: number): Int32Array {
  const { name, labels, numClasses } = options;
  if (!Number.isInteger(numClasses) || numClasses < 1) {
    throw new ConfigError(
      `numClasses of '${name}' is a positive whole number. Received: ${numClasses}.`,
    );
  }
  if (labels.length !== length) {
    throw new ConfigError(
      `'${name}' needs one label per example. Received: ${length} examples and ${labels.length} labels.`,
    );
  }
  for (let i = 0; i < length; i++) {
    if (!isIndex(labels[i]!, numClasses)) {
      throw new ConfigError(
        `Labels of '${name}' are whole numbers in [0, ${numClasses}). Received: ${labels[i]} in example ${i}.`,
      );
    }
  }
  return labels instanceof Int32Array ? labels : Int32Array.from(labels);
}
