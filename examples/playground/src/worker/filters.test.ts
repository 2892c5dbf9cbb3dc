import { expect, it } from 'vitest';
import { filtersOf } from './filters.js';

it('takes the rows of a Linear layer', () => {
  const { size, tiles } = filtersOf(
    Float32Array.from({ length: 8 }, (_, i) => i),
    [2, 4],
  );
  expect(size).toBe(2);
  expect(tiles.map((t) => [...t])).toEqual([
    [0, 1, 2, 3],
    [4, 5, 6, 7],
  ]);
});

it('takes the first channel of a convolution', () => {
  // [2, 2, 3, 2]: the value tells its place, channel and output.
  const values = Float32Array.from({ length: 24 }, (_, i) => 100 * Math.floor(i / 6) + (i % 6));
  const { size, tiles } = filtersOf(values, [2, 2, 3, 2]);
  expect(size).toBe(2);
  expect(tiles.map((t) => [...t])).toEqual([
    [0, 100, 200, 300],
    [1, 101, 201, 301],
  ]);
});

it('shows 24 tiles at most', () => {
  expect(filtersOf(new Float32Array(4 * 512), [512, 4]).tiles).toHaveLength(24);
});
