import { describe, expect, it } from 'vitest';
import { Normaliser } from './normaliser.js';

describe('Normaliser', () => {
  // Each way of looking up (grey, colour, any) and the floats, from and to the middle of arrays.
  it.each([1, 2, 3, 4])('computes (v/255 − mean)/std over %i channels', (channels) => {
    const mean = [0.1, 0.5, 0.9, 0.3].slice(0, channels);
    const std = [0.2, 1, 3, 0.5].slice(0, channels);
    const count = channels * 7;
    const bytes = Uint8Array.from({ length: count + 5 }, (_, i) => (i * 89) % 256);
    for (const from of [bytes, Float32Array.from(bytes)]) {
      const isBytes = from instanceof Uint8Array;
      const to = new Float32Array(count + 4).fill(-99);
      new Normaliser(mean, std, channels, isBytes).apply(from, 5, to, 2, count);
      for (let i = 0; i < count; i++) {
        const c = i % channels;
        const v = bytes[5 + i]! / (isBytes ? 255 : 1);
        expect(to[2 + i]).toBe(Math.fround((v - mean[c]!) / std[c]!));
      }
      expect([to[1], to[count + 2]]).toEqual([-99, -99]);
    }
  });
});
