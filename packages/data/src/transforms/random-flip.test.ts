import { ConfigError, Rng } from '@stratajs/core';
import { describe, expect, it } from 'vitest';
import { randomFlip } from './random-flip.js';

const image = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]; // [2, 3, 2]
const mirrored = [5, 6, 3, 4, 1, 2, 11, 12, 9, 10, 7, 8];

const flip = (n: number, probability: number, rng: Rng): number[][] => {
  const data = Uint8Array.from(Array(n).fill(image).flat());
  randomFlip({ probability })({ data, shape: [n, 2, 3, 2] }, rng);
  return Array.from({ length: n }, (_, i) => [...data.subarray(12 * i, 12 * i + 12)]);
};

describe('randomFlip', () => {
  it('mirrors columns, channels staying together', () => {
    expect(flip(2, 1, new Rng(0))).toEqual([mirrored, mirrored]);
    expect(flip(2, 0, new Rng(0))).toEqual([image, image]);
  });

  it('decides for each image by the generator', () => {
    const rng = new Rng(4);
    const expected = Array.from({ length: 8 }, () => (rng.nextUniform() < 0.5 ? mirrored : image));
    expect(flip(8, 0.5, new Rng(4))).toEqual(expected);
    expect(new Set(expected).size).toBe(2);
  });

  it.each([-0.1, 1.1, NaN])('refuses probability=%d', (probability) => {
    expect(() => randomFlip({ probability })).toThrow(ConfigError);
  });

  it('refuses what is no batch of images', () => {
    expect(() => randomFlip()({ data: new Uint8Array(4), shape: [2, 2] }, new Rng(0))).toThrow(
      /randomFlip takes images \[n, height, width, channels\].*\[2, 2\]/,
    );
  });
});
