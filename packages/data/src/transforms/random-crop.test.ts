import { ConfigError, Rng } from '@stratajs/core';
import { describe, expect, it } from 'vitest';
import { randomCrop } from './random-crop.js';

const [N, H, W, C] = [40, 3, 4, 2];

describe('randomCrop', () => {
  it.each([1, 2, 5])('cuts the window out of the padded image: padding %i', (padding) => {
    const original = Uint8Array.from({ length: N * H * W * C }, (_, i) => 1 + (i % 255));
    const data = original.slice();
    randomCrop({ padding })({ data, shape: [N, H, W, C] }, new Rng(2));
    const rng = new Rng(2);
    const shifts = new Set<string>();
    const expected = new Uint8Array(data.length);
    for (let n = 0; n < N; n++) {
      const down = rng.nextInt(2 * padding + 1) - padding;
      const right = rng.nextInt(2 * padding + 1) - padding;
      shifts.add(`${down} ${right}`);
      for (let r = 0; r < H; r++) {
        for (let c = 0; c < W; c++) {
          const inside = r + down >= 0 && r + down < H && c + right >= 0 && c + right < W;
          for (let k = 0; k < C && inside; k++) {
            expected[((n * H + r) * W + c) * C + k] =
              original[((n * H + r + down) * W + c + right) * C + k]!;
          }
        }
      }
    }
    expect([...data]).toEqual([...expected]);
    expect(shifts.size).toBeGreaterThan(5);
  });

  it.each([0, -1, 1.5, NaN])('refuses padding=%d', (padding) => {
    expect(() => randomCrop({ padding })).toThrow(ConfigError);
  });
});
