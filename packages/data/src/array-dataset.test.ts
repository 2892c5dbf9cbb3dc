import { ConfigError, memory, Rng } from '@stratajs/core';
import { beforeAll, describe, expect, it } from 'vitest';
import { useTestEngine } from '../test/engine.js';
import { ArrayDataset, type ArrayDatasetOptions } from './array-dataset.js';

beforeAll(useTestEngine);

/** Six images [1, 2, 2] of which byte k is k·10, labels 0 1 2 0 1 2. */
const small: ArrayDatasetOptions = {
  name: 'small',
  inputs: { data: Uint8Array.from({ length: 24 }, (_, k) => k * 10), shape: [1, 2, 2] },
  labels: [0, 1, 2, 0, 1, 2],
  numClasses: 3,
};
const make = (changes: Partial<ArrayDatasetOptions> = {}): ArrayDataset =>
  new ArrayDataset({ ...small, ...changes });
const firsts = (d: ArrayDataset): number[] =>
  Array.from({ length: d.length }, (_, i) => d.inputs.data[i * 4]! / 40);

describe('batch', () => {
  it('scales, subtracts the mean and divides by the std of each channel', async () => {
    const mean = [0.25, 0.5];
    const std = [0.5, 2];
    using x = make({ mean, std }).batch([4, 0]).x;
    expect(x.shape).toEqual([2, 1, 2, 2]);
    const expected = [160, 170, 180, 190, 0, 10, 20, 30].map((v, k) =>
      Math.fround((v / 255 - mean[k % 2]!) / std[k % 2]!),
    );
    expect([...((await x.data()) as Float32Array)]).toEqual(expected);
  });

  it('gives labels as int32, in the order asked for, twice if asked twice', async () => {
    const { x, y } = make().batch(Int32Array.of(5, 3, 5));
    expect([y.dtype, y.shape, [...((await y.data()) as Int32Array)]]).toEqual([
      'int32',
      [3],
      [2, 0, 2],
    ]);
    x.dispose();
    y.dispose();
  });

  it('does the same with one mean for all channels, and leaves floats unscaled', () => {
    expect([...make({ mean: 0.5, std: 0.25 }).get([1]).x]).toEqual(
      [40, 50, 60, 70].map((v) => Math.fround((v / 255 - 0.5) / 0.25)),
    );
    const data = Float32Array.from({ length: 4 }, (_, k) => k - 1);
    const floats = make({
      inputs: { data, shape: [2] },
      labels: [0, 1],
      mean: [1, 3],
      std: [2, 4],
    });
    expect([...floats.get([1, 0]).x]).toEqual([0, -0.25, -1, -0.75]);
  });

  it('hands over tensors that later batches do not touch, two per batch', async () => {
    const dataset = make();
    const before = memory().numTensors;
    const a = dataset.batch([0]);
    const b = dataset.batch([1]);
    expect(memory().numTensors).toBe(before + 4);
    expect(((await a.x.data()) as Float32Array)[1]).toBe(Math.fround(10 / 255));
    expect(((await b.x.data()) as Float32Array)[1]).toBe(Math.fround(50 / 255));
    for (const t of [a.x, a.y, b.x, b.y]) t.dispose();
    expect(memory().numTensors).toBe(before);
  });

  it.each([[[6]], [[-1]], [[0, 1.5]], [[NaN]], [[]]])('refuses the indices %j', (indices) => {
    const before = memory().numTensors;
    expect(() => make().batch(indices)).toThrow(ConfigError);
    expect(() => make().get(indices)).toThrow(/'small'.*Received: /);
    expect(memory().numTensors).toBe(before);
  });

  it('applies transforms in order to raw values of a copy, with the rng given', () => {
    const dataset = make().with({
      transforms: [
        ({ data, shape }) => {
          expect(shape).toEqual([2, 1, 2, 2]);
          for (let i = 0; i < data.length; i++) data[i]! /= 10;
        },
        ({ data }, rng) => data.fill(rng.nextInt(200), 0, 1),
      ],
    });
    const drawn = new Rng(5).nextInt(200);
    const expected = [drawn, 5, 6, 7, 0, 1, 2, 3].map((v) => Math.fround(v / 255));
    expect([...dataset.get([1, 0], { rng: new Rng(5) }).x]).toEqual(expected);
    expect(dataset.inputs.data[5]).toBe(50);
  });
});

describe('parts', () => {
  it('slices without copying', () => {
    const part = make().slice(2, 5);
    expect(part.inputs.data.buffer).toBe(small.inputs.data.buffer);
    expect([firsts(part), [...part.labels]]).toEqual([
      [2, 3, 4],
      [2, 0, 1],
    ]);
    expect(firsts(part.slice(1))).toEqual([3, 4]);
  });

  it('draws subsets without replacement, labels with their images', () => {
    const part = make().subset(4, { rng: new Rng(3) });
    const order = [...new Rng(3).permutation(6)].slice(0, 4);
    expect(firsts(part)).toEqual(order);
    expect([...part.labels]).toEqual(order.map((i) => i % 3));
    expect(firsts(make().subset(2))).toEqual([0, 1]);
  });

  it('splits into disjoint parts that are the whole', () => {
    const [a, b] = make().split(2 / 3, { rng: new Rng(1) });
    expect([a.length, b.length]).toEqual([4, 2]);
    expect([...firsts(a), ...firsts(b)].sort()).toEqual([0, 1, 2, 3, 4, 5]);
    expect(make().split(0.5).map(firsts)).toEqual([
      [0, 1, 2],
      [3, 4, 5],
    ]);
  });

  it('keeps name, source, scaling and transforms', () => {
    const source = { kind: 'dir', path: '/x' } as const;
    const part = make({ mean: 1, std: 2, source }).subset(3, { rng: new Rng(0) });
    expect([part.name, part.source, part.classNames]).toEqual(['small', source, ['0', '1', '2']]);
    expect(part.get([0]).x[0]).toBe(Math.fround((part.inputs.data[0]! / 255 - 1) / 2));
  });

  it.each<[string, (d: ArrayDataset) => unknown]>([
    ['slice(3, 3)', (d) => d.slice(3, 3)],
    ['slice(-1, 2)', (d) => d.slice(-1, 2)],
    ['slice(0, 7)', (d) => d.slice(0, 7)],
    ['subset(0)', (d) => d.subset(0)],
    ['subset(7)', (d) => d.subset(7)],
    ['subset(1.5)', (d) => d.subset(1.5)],
    ['split(0)', (d) => d.split(0)],
    ['split(1)', (d) => d.split(1)],
    ['split(NaN)', (d) => d.split(NaN)],
  ])('refuses %s', (_, act) => {
    expect(() => act(make())).toThrow(ConfigError);
  });
});

describe('what does not fit together', () => {
  it.each<[string, Partial<ArrayDatasetOptions>, RegExp]>([
    ['no inputs', { inputs: { data: new Uint8Array(0), shape: [4] } }, /Received: 0 values/],
    ['half an example', { inputs: { data: new Uint8Array(5), shape: [2] } }, /Received: 5 values/],
    ['a shape with 0', { inputs: { data: new Uint8Array(4), shape: [2, 0] } }, /\[2, 0\]/],
    ['an empty shape', { inputs: { data: new Uint8Array(4), shape: [] } }, /Received: \[\]/],
    ['too few labels', { labels: [0, 1] }, /6 examples and 2 labels/],
    ['a label too large', { labels: [0, 1, 3, 0, 0, 0] }, /\[0, 3\)\. Received: 3 in example 2/],
    ['a broken label', { labels: [0, 0.5, 2, 0, 0, 0] }, /Received: 0.5 in example 1/],
    ['no classes', { numClasses: 0 }, /numClasses/],
    ['too few names', { classNames: ['a'] }, /3 classes\. Received: 1 names/],
    ['too many means', { mean: [1, 2, 3] }, /each of the 2 channels/],
    ['a mean that is no number', { mean: NaN }, /mean/],
    ['std 0', { std: [1, 0] }, /std must be positive\. Received: std=\[1, 0\]/],
  ])('refuses %s', (_, changes, message) => {
    expect(() => make(changes)).toThrow(ConfigError);
    expect(() => make(changes)).toThrow(message);
  });
});
