import type { KernelFunc, TensorInfo } from '@tensorflow/tfjs-core';
import type { Storage } from './storage.js';

/**
 * StrataSort of core's KERNELS.md: every row in order and where its elements stood, by one radix sort of
 * their places for each byte of their ranks.
 */
export const sort: KernelFunc = ({ inputs, attrs, backend }) => {
  const x = (inputs as { x: TensorInfo }).x;
  const { descending } = attrs as unknown as { descending: boolean };
  const storage = backend as unknown as Storage;
  const from = storage.data.get(x.dataId).values;
  const columns = x.shape.at(-1) as number;
  const ranks = ranksOf(from, x.dtype === 'float32');
  if (descending) for (let i = 0; i < ranks.length; i++) ranks[i] = ~ranks[i]!;
  const values = from.slice();
  const indices = new Int32Array(from.length);
  for (let row = 0; row < from.length; row += columns) {
    const order = sortedPlaces(ranks.subarray(row, row + columns));
    for (let i = 0; i < columns; i++) values[row + i] = from[row + order[i]!]!;
    indices.set(order, row);
  }
  const dtype = x.dtype as 'float32' | 'int32';
  return [
    storage.makeTensorInfo(x.shape, dtype, values),
    storage.makeTensorInfo(x.shape, 'int32', indices),
  ];
};

/** Unsigned numbers in the order of the elements: NaN above all, −0 the same as 0. */
function ranksOf(values: Float32Array | Int32Array, floats: boolean): Uint32Array {
  const SIGN = 0x8000_0000;
  if (!floats) return Uint32Array.from(values, (v) => v ^ SIGN);
  const ranks = new Uint32Array(Float32Array.from(values, (v) => v + 0).buffer);
  for (let i = 0; i < ranks.length; i++) {
    const bits = ranks[i]!;
    if (Number.isNaN(values[i])) ranks[i] = -1;
    else ranks[i] = bits >= SIGN ? ~bits : bits | SIGN;
  }
  return ranks;
}

/** Where the ranks stand in ascending order, equals as they come. */
function sortedPlaces(ranks: Uint32Array): Int32Array {
  let places = Int32Array.from(ranks, (_, i) => i);
  let next = new Int32Array(ranks.length);
  const starts = new Uint32Array(256);
  for (let shift = 0; shift < 32; shift += 8) {
    starts.fill(0);
    for (const rank of ranks) starts[(rank >>> shift) & 255]!++;
    for (let digit = 0, start = 0; digit < 256; digit++) {
      const count = starts[digit]!;
      starts[digit] = start;
      start += count;
    }
    for (const place of places) next[starts[(ranks[place]! >>> shift) & 255]!++] = place;
    [places, next] = [next, places];
  }
  return places;
}
