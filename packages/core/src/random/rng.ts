import { noGrad } from '../autodiff/tape.js';
import { recording } from '../compile/recording.js';
import { describe, engine, run } from '../engine.js';
import { CheckpointError, ConfigError } from '../errors.js';
import { randomIntKernel } from '../extension/random-int.js';
import { randomNormalKernel } from '../extension/random-normal.js';
import { randomUniformKernel } from '../extension/random-uniform.js';
import { checkShape, sizeOf } from '../ops/arguments.js';
import type { Shape, Tensor } from '../tensor.js';
import { fillNormal } from './normal.js';
import { advance, type Draw, drawWords, philox } from './philox.js';
import { streamOf } from './stream.js';
import { fillTruncatedNormal } from './truncated-normal.js';
import { fillUniform, unit } from './uniform.js';

/** Where a generator stands; plain JSON. */
export interface RngState {
  readonly key: readonly [number, number];
  readonly counter: readonly [number, number, number, number];
  /** Words of the last block that host-side draws have not used yet, 0 to 3. */
  readonly spare: readonly number[];
}

/**
 * A random stream: Philox 4x32-10 under the key `seed`, read from its start to its end. The same seed
 * and the same calls give the same numbers on every engine (normals on the device: to 1e-6).
 *
 * The key is the seed's low and high 32 bits. Of the 128-bit counter the low 64 bits count blocks of
 * four words, the high 64 bits name the stream: 0 for `new Rng(seed)`, a hash of the name for a fork.
 * A draw of n elements takes ⌈n/4⌉ blocks; host-side numbers take words one by one from a block of
 * their own, so that the two kinds may be mixed.
 */
export class Rng {
  private key: Draw['key'];
  private counter: Draw['counter'];
  /** The last block that host-side draws took words from, and how many they took. */
  private words: Uint32Array = new Uint32Array(4);
  private used: number = 4;

  /** @param seed an integer from 0 to 2^53 − 1. @throws ConfigError for anything else. */
  constructor(seed: number) {
    if (!Number.isSafeInteger(seed) || seed < 0) {
      throw new ConfigError(
        `A seed is an integer from 0 to 2^53 − 1. Received: ${describe(seed)}. For example 42.`,
      );
    }
    this.key = [seed >>> 0, Math.floor(seed / 2 ** 32)];
    this.counter = [0, 0, 0, 0];
  }

  /** Reserves the next `blocks` blocks of four words and says where they begin. */
  take(blocks: number): Draw {
    if (!Number.isSafeInteger(blocks) || blocks < 0) {
      throw new ConfigError(
        `take() reserves a whole number of blocks. Received: ${describe(blocks)}.`,
      );
    }
    const recorder = recording();
    recorder?.beforeDraw(this);
    const draw: Draw = { key: this.key, counter: this.counter };
    this.counter = advance(this.counter, blocks);
    recorder?.draw(this, draw, blocks);
    return draw;
  }

  /** float32 in [min, max): min + u·(max − min); rounding may reach max. */
  uniform(shape: Shape, { min = 0, max = 1 }: { min?: number; max?: number } = {}): Tensor {
    checkInterval('uniform', min, max);
    return run(
      randomUniformKernel.name,
      {},
      { shape: [...shape], min, max, draw: this.drawOf(shape, 'uniform') },
    );
  }

  /** float32, normal with this mean and standard deviation. */
  normal(shape: Shape, { mean = 0, std = 1 }: { mean?: number; std?: number } = {}): Tensor {
    checkNormal('normal', mean, std);
    return run(
      randomNormalKernel.name,
      {},
      { shape: [...shape], mean, std, draw: this.drawOf(shape, 'normal') },
    );
  }

  /**
   * float32, normal but for values further than 2·std from the mean, which are drawn again. Their
   * standard deviation is 0.8796·std, as in other frameworks. Drawn on the host: the same bits on
   * every engine.
   */
  truncatedNormal(
    shape: Shape,
    { mean = 0, std = 1 }: { mean?: number; std?: number } = {},
  ): Tensor {
    checkShape(shape, 'truncatedNormal');
    checkNormal('truncatedNormal', mean, std);
    const values = new Float32Array(sizeOf(shape));
    fillTruncatedNormal(values, (blocks) => this.take(blocks), mean, std);
    return engine().makeTensor(values, [...shape], 'float32');
  }

  /** int32 in [min, max). Of a range of n numbers, none is likelier than another by more than n/2^32. */
  integers(shape: Shape, { min = 0, max }: { min?: number; max: number }): Tensor {
    const int32 = (n: number): boolean => Number.isInteger(n) && n >= -(2 ** 31) && n < 2 ** 31;
    if (!int32(min) || !int32(max) || min >= max) {
      throw new ConfigError(
        `integers() draws int32 in [min, max), min below max. Received: min=${String(min)}, max=${String(max)}.`,
      );
    }
    return run(
      randomIntKernel.name,
      {},
      { shape: [...shape], min, max, draw: this.drawOf(shape, 'integers') },
    );
  }

  /** float32, 1 with probability p, else 0. */
  bernoulli(shape: Shape, p: number): Tensor {
    if (typeof p !== 'number' || !(p >= 0 && p <= 1)) {
      throw new ConfigError(
        `The p of bernoulli() is a probability in [0, 1]. Received: ${describe(p)}.`,
      );
    }
    // u is a multiple of 2^-24: rounded up to one, p compares alike in any precision.
    const limit = Math.ceil(p * 2 ** 24) * 2 ** -24;
    checkShape(shape, 'bernoulli');
    const draw = (): Tensor => {
      const u = this.uniform([sizeOf(shape)]);
      const b = run('Fill', {}, { shape: [], value: limit, dtype: 'float32' });
      const condition = run('Less', { a: u, b });
      const [t, e] = [run('OnesLike', { x: u }), run('ZerosLike', { x: u })];
      return run('Reshape', { x: run('Select', { condition, t, e }) }, { shape: [...shape] });
    };
    return noGrad(() => engine().tidy(draw));
  }

  /** A number in [0, 1): a multiple of 2^-24. */
  nextUniform(): number {
    return unit(this.nextWord());
  }

  /** An integer in [0, max), each equally likely. `max` at most 2^32. */
  nextInt(max: number): number {
    if (!Number.isInteger(max) || max < 1 || max > 2 ** 32) {
      throw new ConfigError(
        `nextInt() takes an integer from 1 to 2^32. Received: ${describe(max)}.`,
      );
    }
    // Words beyond the last whole multiple of max would favour small results: drawn again.
    const limit = 2 ** 32 - (2 ** 32 % max);
    let word = this.nextWord();
    while (word >= limit) word = this.nextWord();
    return word % max;
  }

  /** 0 … n − 1 in random order, each order equally likely (Fisher–Yates). */
  permutation(n: number): Int32Array {
    if (!Number.isInteger(n) || n < 0 || n > 2 ** 31) {
      throw new ConfigError(
        `permutation() takes an integer from 0 to 2^31. Received: ${describe(n)}.`,
      );
    }
    const order = Int32Array.from({ length: n }, (_, i) => i);
    for (let i = n - 1; i > 0; i--) {
      const j = this.nextInt(i + 1);
      [order[i], order[j]] = [order[j]!, order[i]!];
    }
    return order;
  }

  /** `n` numbers in [min, max) on the host, the same as `uniform([n])` gives on a device. */
  uniformArray(n: number, { min = 0, max = 1 }: { min?: number; max?: number } = {}): Float32Array {
    checkShape([n], 'uniformArray');
    checkInterval('uniformArray', min, max);
    const values = new Float32Array(n);
    fillUniform(values, drawWords(this.take(Math.ceil(n / 4)), n), min, max);
    return values;
  }

  /** `n` normal numbers on the host: the same bits on every machine. */
  normalArray(
    n: number,
    { mean = 0, std = 1 }: { mean?: number; std?: number } = {},
  ): Float32Array {
    checkShape([n], 'normalArray');
    checkNormal('normalArray', mean, std);
    const values = new Float32Array(n);
    fillNormal(values, drawWords(this.take(Math.ceil(n / 4)), n + (n & 1)), mean, std);
    return values;
  }

  /**
   * A stream of its own under the same seed.
   *
   * With a name (a number counts as its decimal text) the stream depends on the seed, this stream and
   * the name alone, not on what has been drawn: forking 'weights' twice gives the same stream twice.
   * Without one, each call gives another stream, and takes one block of this one.
   */
  fork(name?: string | number): Rng {
    if (name !== undefined && typeof name !== 'string' && typeof name !== 'number') {
      throw new ConfigError(`fork() takes a name. Received: ${describe(name)}.`);
    }
    const child = new Rng(0);
    const stream =
      name === undefined
        ? philox(this.take(1).counter, this.key)
        : streamOf(String(name), this.counter[2], this.counter[3]);
    child.key = this.key;
    child.counter = [0, 0, stream[0]!, stream[1]!];
    return child;
  }

  /** Where the generator stands, as plain JSON for a checkpoint. */
  state(): RngState {
    return { key: this.key, counter: this.counter, spare: [...this.words.subarray(this.used)] };
  }

  /** Goes to where `state()` said. @throws CheckpointError when it is no such state. */
  restore(state: RngState): this {
    const words = (list: unknown, least: number, most: number): boolean =>
      Array.isArray(list) &&
      list.length >= least &&
      list.length <= most &&
      list.every((w) => Number.isInteger(w) && w >= 0 && w < 2 ** 32);
    if (!words(state?.key, 2, 2) || !words(state.counter, 4, 4) || !words(state.spare, 0, 3)) {
      throw new CheckpointError(
        'The state of a random generator is { key: 2 words, counter: 4 words, spare: up to 3 words }, each an ' +
          `integer in [0, 2^32). Received: ${JSON.stringify(state)}. Pass what state() gave.`,
      );
    }
    this.key = [state.key[0], state.key[1]];
    this.counter = [state.counter[0], state.counter[1], state.counter[2], state.counter[3]];
    this.used = 4 - state.spare.length;
    this.words = new Uint32Array(4);
    this.words.set(state.spare, this.used);
    return this;
  }

  private drawOf(shape: Shape, call: string): Draw {
    checkShape(shape, call);
    return this.take(Math.ceil(sizeOf(shape) / 4));
  }

  private nextWord(): number {
    recording()?.refuse(
      'random numbers that are drawn on the host',
      'They would be the same in every run: draw them on the device (uniform(), normal(), dropout()), or pass them in.',
    );
    if (this.used === 4) {
      const { counter, key } = this.take(1);
      this.words = philox(counter, key);
      this.used = 0;
    }
    return this.words[this.used++]!;
  }
}

function checkInterval(call: string, min: number, max: number): void {
  if (Number.isFinite(min) && Number.isFinite(max) && min <= max) return;
  throw new ConfigError(
    `${call}() draws from [min, max), finite, min at most max. Received: min=${String(min)}, max=${String(max)}.`,
  );
}

function checkNormal(call: string, mean: number, std: number): void {
  if (Number.isFinite(mean) && Number.isFinite(std) && std >= 0) return;
  throw new ConfigError(
    `${call}() takes a finite mean and a finite std of at least 0. Received: mean=${String(mean)}, std=${String(std)}.`,
  );
}
