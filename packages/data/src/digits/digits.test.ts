import { createHash } from 'node:crypto';
import { ConfigError } from '@stratajs/core';
import { describe, expect, it } from 'vitest';
import type { ArrayDataset } from '../array-dataset.js';
import { DIGITS, digits, type DigitsOptions } from './digits.js';
import { GLYPHS } from './glyphs.js';

const pixels = async (options: DigitsOptions): Promise<Buffer> =>
  Buffer.from((await digits(options)).inputs.data as Uint8Array);

/** The image's pixels scaled to unit length, so that a dot product is a cosine. */
function unitRows({ inputs, length }: ArrayDataset): Float64Array[] {
  return Array.from({ length }, (_, i) => {
    const row = Float64Array.from(inputs.data.subarray(i * 784, (i + 1) * 784));
    const norm = Math.sqrt(row.reduce((sum, v) => sum + v * v, 0));
    return row.map((v) => v / norm);
  });
}

const dot = (a: Float64Array, b: Float64Array): number => {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
};

const nearest = (x: Float64Array, rows: readonly Float64Array[]): number => {
  let best = -1;
  let most = -Infinity;
  rows.forEach((row, i) => {
    const d = dot(x, row);
    if (d > most) [best, most] = [i, d];
  });
  return best;
};

describe('digits', () => {
  it('are the same bytes on every machine', async () => {
    const { inputs, labels } = await digits({ count: 200 });
    const hash = createHash('sha256').update(inputs.data).update(Uint8Array.from(labels));
    expect(hash.digest('hex')).toBe(
      'bad9ffb874251769725f321562206420643820f781e69cdfb057c9a0f5ad67f3',
    );
    expect([...labels.subarray(0, 10)]).toEqual([7, 9, 0, 3, 3, 5, 1, 7, 8, 0]);
  });

  it('do not depend on how many are asked for', async () => {
    const few = await pixels({ count: 10, seed: 3 });
    expect((await pixels({ count: 30, seed: 3 })).subarray(0, few.length).equals(few)).toBe(true);
  });

  it('differ between images, splits and seeds', async () => {
    const seen = new Set<string>();
    for (const options of [{}, { split: 'test' }, { seed: 1 }, { seed: 2 ** 32 }] as const) {
      const all = await pixels({ ...options, count: 100 });
      for (let i = 0; i < 100; i++) seen.add(all.toString('latin1', i * 784, (i + 1) * 784));
    }
    expect(seen.size).toBe(400);
  });

  it('have the classes in equal shares, and the mean and std that normalising uses', async () => {
    const dataset = await digits({ count: 3000 });
    const counts = Array<number>(10).fill(0);
    for (const label of dataset.labels) counts[label]!++;
    // Binomial: 300 ± 5 standard deviations of 16.4.
    for (const n of counts) expect(Math.abs(n - 300)).toBeLessThan(82);
    const { x } = dataset.get(Array.from({ length: 3000 }, (_, i) => i));
    const mean = x.reduce((sum, v) => sum + v, 0) / x.length;
    const variance = x.reduce((sum, v) => sum + (v - mean) ** 2, 0) / x.length;
    expect(mean).toBeCloseTo(0, 1);
    expect(variance).toBeCloseTo(1, 1);
    expect([dataset.source, dataset.inputs.shape]).toEqual([{ kind: 'procedural' }, [28, 28, 1]]);
  });

  it('hold what tells the classes apart, though not to one template per class', async () => {
    const train = await digits({ count: 2000 });
    const test = await digits({ count: 300, split: 'test' });
    const rows = unitRows(train);
    const templates = Array.from({ length: 10 }, () => new Float64Array(784));
    rows.forEach((row, i) => {
      const template = templates[train.labels[i]!]!;
      for (let k = 0; k < 784; k++) template[k]! += row[k]!;
    });
    const units = templates.map((t) => {
      const norm = Math.sqrt(dot(t, t));
      return t.map((v) => v / norm);
    });
    let neighbours = 0;
    let byTemplate = 0;
    unitRows(test).forEach((x, i) => {
      if (train.labels[nearest(x, rows)] === test.labels[i]) neighbours++;
      if (nearest(x, units) === test.labels[i]) byTemplate++;
    });
    expect(neighbours / 300).toBeGreaterThan(0.85);
    expect(byTemplate / 300).toBeLessThan(0.8);
    expect(byTemplate / 300).toBeGreaterThan(0.5);
  });

  it('draw ink on black in every image, at other sizes too', async () => {
    for (const size of [8, 28, 64]) {
      const { inputs, length } = await digits({ count: 50, size, normalise: false });
      expect(inputs.shape).toEqual([size, size, 1]);
      for (let i = 0; i < length; i++) {
        const image = inputs.data.subarray(i * size * size, (i + 1) * size * size);
        let ink = 0;
        for (const v of image) ink += v / 255 / image.length;
        expect(ink).toBeGreaterThan(0.01);
        expect(ink).toBeLessThan(0.45);
      }
    }
  });

  it('come in several ways of writing, each within its box and its draws', () => {
    expect(GLYPHS.length).toBe(10);
    for (const variants of GLYPHS) {
      expect(variants.length).toBeGreaterThanOrEqual(3);
      for (const glyph of variants) {
        const points = glyph.flatMap((stroke) => stroke.points);
        expect(points.length).toBeLessThanOrEqual(32);
        expect(points.length % 2).toBe(0);
        for (const v of points) expect(Math.abs(v)).toBeLessThanOrEqual(0.5);
      }
    }
  });

  it('has as many as the catalogue says by default', async () => {
    expect((await digits({ split: 'test' })).length).toBe(DIGITS.test);
    expect((await digits()).length).toBe(DIGITS.train);
  });

  it.each<[DigitsOptions, RegExp]>([
    [{ count: 0 }, /count=0/],
    [{ count: 1.5 }, /count=1.5/],
    [{ size: 7 }, /size=7/],
    [{ size: 257 }, /size=257/],
    [{ seed: -1 }, /Received: number -1/],
    [{ split: 'val' as 'train' }, /'train' or 'test'\. Received: split='val'/],
    [{ cuont: 5 } as DigitsOptions, /no option 'cuont'\. Did you mean 'count'/],
  ])('refuse %j', async (options, message) => {
    await expect(digits(options)).rejects.toThrow(ConfigError);
    await expect(digits(options)).rejects.toThrow(message);
  });
});
