import { CheckpointError, ConfigError, memory, Rng, seed } from '@stratajs/core';
import { beforeAll, describe, expect, it } from 'vitest';
import { useTestEngine } from '../test/engine.js';
import { ArrayDataset } from './array-dataset.js';
import { Loader, type LoaderOptions } from './loader.js';

beforeAll(useTestEngine);

/** Example i is the byte i, of class i. */
const numbers = (n: number): ArrayDataset =>
  new ArrayDataset({
    name: 'numbers',
    inputs: { data: Uint8Array.from({ length: n }, (_, i) => i), shape: [1] },
    labels: Array.from({ length: n }, (_, i) => i),
    numClasses: n,
    std: 1 / 255,
  });

const make = (options: Partial<LoaderOptions> = {}, n = 10): Loader =>
  new Loader(numbers(n), { batchSize: 4, ...options });

/** The labels of each batch that is still to come. */
async function rest(batches: Iterable<{ x: Disposable; y: Disposable }>): Promise<number[][]> {
  const all: number[][] = [];
  for (const { x, y } of batches as ReturnType<Loader['epoch']>) {
    const labels = [...((await y.data()) as Int32Array)];
    expect([...((await x.data()) as Float32Array)].map(Math.round)).toEqual(labels);
    all.push(labels);
    x.dispose();
    y.dispose();
  }
  return all;
}

describe('an epoch', () => {
  it('hands out every example once, the last batch short', async () => {
    const batches = await rest(make({ seed: 1 }).epoch(0));
    expect(batches.map((b) => b.length)).toEqual([4, 4, 2]);
    expect(batches.flat().sort((a, b) => a - b)).toEqual([...Array(10).keys()]);
  });

  it('drops the short batch on demand', async () => {
    const loader = make({ seed: 1, dropLast: true });
    expect([loader.length, loader.examples]).toEqual([2, 8]);
    expect((await rest(loader.epoch(0))).map((b) => b.length)).toEqual([4, 4]);
    const exact = make({ dropLast: true, batchSize: 5 });
    expect([exact.length, make({ batchSize: 5 }).length]).toEqual([2, 2]);
  });

  it('keeps the order of the data without shuffle', async () => {
    const batches = await rest(make({ shuffle: false }).epoch(3));
    expect(batches).toEqual([
      [0, 1, 2, 3],
      [4, 5, 6, 7],
      [8, 9],
    ]);
  });

  it('has an order that depends on seed and epoch alone', async () => {
    const loader = make({ seed: 7 }, 50);
    const third = await rest(loader.epoch(3));
    for (const k of [0, 3, 1]) await rest(loader.epoch(k));
    expect(await rest(loader.epoch(3))).toEqual(third);
    expect(await rest(make({ seed: 7 }, 50).epoch(3))).toEqual(third);
    expect(await rest(make({ rng: new Rng(7) }, 50).epoch(3))).toEqual(third);
    expect(third.flat()).toEqual([...new Rng(7).fork(3).permutation(50)]);
    expect(await rest(make({ seed: 8 }, 50).epoch(3))).not.toEqual(third);
    expect(await rest(loader.epoch(2))).not.toEqual(third);
  });

  it('follows seed() when it is given no generator of its own', async () => {
    const orders: number[][] = [];
    for (const n of [1, 1, 2]) {
      seed(n);
      orders.push([...make({}, 50).order(0)], [...make({}, 50).order(0)]);
    }
    expect(orders[2]).toEqual(orders[0]);
    expect(orders[3]).toEqual(orders[1]);
    expect(orders[1]).not.toEqual(orders[0]);
    expect(orders[4]).not.toEqual(orders[0]);
  });

  it('makes a batch only when asked, and keeps none', () => {
    const before = memory().numTensors;
    const epoch = make({ seed: 1 }).epoch(0);
    expect(memory().numTensors).toBe(before);
    const { x, y } = epoch.next().value!;
    expect(memory().numTensors).toBe(before + 2);
    x.dispose();
    y.dispose();
  });
});

describe('resuming', () => {
  /** A loader whose batches also depend on random transforms. */
  const noisy = (more: Partial<LoaderOptions> = {}): Loader =>
    new Loader(
      numbers(23).with({
        transforms: [({ data }, rng) => data.forEach((_, i) => (data[i] = rng.nextInt(256)))],
      }),
      { batchSize: 4, seed: 5, ...more },
    );
  const values = async (batches: ReturnType<Loader['epoch']>): Promise<number[][]> => {
    const all: number[][] = [];
    for (const { x, y } of batches) {
      all.push([...((await x.data()) as Float32Array), ...((await y.data()) as Int32Array)]);
      x.dispose();
      y.dispose();
    }
    return all;
  };

  it.each([0, 1, 3, 5, 6])('goes on after %i batches exactly', async (done) => {
    const whole = await values(noisy().epoch(2));
    const loader = noisy();
    const epoch = loader.epoch(2);
    for (let i = 0; i < done; i++) {
      const { x, y } = epoch.next().value!;
      x.dispose();
      y.dispose();
    }
    const saved = JSON.stringify(loader.state());
    expect(loader.state()).toMatchObject({ epoch: 2, index: done });
    const resumed = noisy({ seed: 99 });
    resumed.restore(JSON.parse(saved));
    expect(await values(resumed.epoch(2))).toEqual(whole.slice(done));
    // Only once: the next pass over the epoch is whole, and so are the others.
    expect(await values(resumed.epoch(2))).toEqual(whole);
    expect(await values(resumed.epoch(3))).toEqual(await values(noisy().epoch(3)));
    expect(await values(noisy().epoch(2, { from: done }))).toEqual(whole.slice(done));
  });

  it('begins another epoch than the one restored at its beginning', async () => {
    const loader = make({ seed: 1 });
    loader.restore({ ...loader.state(), epoch: 4, index: 2 });
    expect((await rest(loader.epoch(5))).length).toBe(3);
  });

  it('refuses the state of a loader that differs', () => {
    const state = make({ seed: 1 }).state();
    expect(() => make({ batchSize: 5 }).restore(state)).toThrow(
      /same batchSize\. Received: batchSize=4, and this one has batchSize=5/,
    );
    expect(() => make({ shuffle: false }).restore(state)).toThrow(/same shuffle/);
    expect(() => make({ dropLast: true }).restore(state)).toThrow(/same dropLast/);
    expect(() => make({}, 11).restore(state)).toThrow(/same length\. Received: length=10/);
    expect(() => make().restore({ ...state, index: 4 })).toThrow(ConfigError);
    expect(() => make().restore({ ...state, epoch: -1 })).toThrow(ConfigError);
    expect(() => make().restore({ ...state, rng: {} as never })).toThrow(CheckpointError);
  });
});

describe('options out of range', () => {
  it.each([0, -1, 1.5, NaN, Infinity])('refuses batchSize=%d', (batchSize) => {
    expect(() => make({ batchSize })).toThrow(ConfigError);
    expect(() => make({ batchSize })).toThrow(`batchSize=${batchSize}`);
  });

  it('refuses to drop the only batch, and two sources of randomness', () => {
    expect(() => make({ batchSize: 11, dropLast: true })).toThrow(
      /no batch comes out\. Received: batchSize=11 for 10 examples of 'numbers'/,
    );
    expect(make({ batchSize: 11 }).length).toBe(1);
    expect(() => make({ seed: 1, rng: new Rng(1) })).toThrow(/rng or seed, not both/);
  });

  it('refuses epochs and positions that do not exist, at once', () => {
    const loader = make();
    expect(() => loader.epoch(-1)).toThrow(/epoch is a whole number/);
    expect(() => loader.epoch(0.5)).toThrow(ConfigError);
    expect(() => loader.epoch(0, { from: 4 })).toThrow(
      /from is a whole number from 0 on, at most 3/,
    );
  });
});
