// Copies so large that their results pass the caches by, against loops in JavaScript, one thread and four.
import { afterAll, describe, expect, it } from 'vitest';
import { addon, isas, kernelsOf } from './addon.js';

/** Larger than native/simd/stream.h's kStreamed. */
const LARGE = 2 ** 21;

/** Aligned memory, `offset` elements into it. */
const memory = (length: number, offset = 0): Float32Array =>
  new Float32Array(addon!.allocate(4 * (length + offset)), 4 * offset, length);

/** Each element its own number: 2^24 and below are exact. */
const numbered = (length: number): Float32Array => {
  const x = memory(length);
  for (let i = 0; i < length; i++) x[i] = i;
  return x;
};

describe.runIf(addon).each(isas)('large copies on %s', (isa) => {
  afterAll(() => addon!.setThreads(2));

  // [batch, rows, columns] → [batch, columns, rows]. Whole bands and lines of rows, parts of them, and rows of the result
  // that begin anywhere, which are not streamed.
  it.each([
    [1, 2048, 1024, 0],
    [1, 1040, 2049, 0],
    [3, 16, 65537, 0],
    [3, 1008, 701, 0],
    [1, 1457, 1447, 0],
    [1, 2048, 1030, 4],
  ])('transposes %i × %i × %i, %i elements off a line', (batch, rows, columns, offset) => {
    const size = batch * rows * columns;
    expect(size).toBeGreaterThanOrEqual(LARGE);
    const x = numbered(size);
    const expected = new Float32Array(size);
    for (let b = 0, i = 0; b < batch; b++) {
      for (let c = 0; c < columns; c++) {
        for (let r = 0; r < rows; r++) expected[i++] = (b * rows + r) * columns + c;
      }
    }
    const matrix = [rows, columns, 1, columns, 1, rows];
    const plan = Int32Array.of(3, 0, 0, ...matrix, batch, rows * columns, rows * columns);
    for (const threads of [1, 4]) {
      addon!.setThreads(threads);
      const y = memory(size, offset).fill(NaN);
      kernelsOf(isa)['stridedCopy']!(x, y, plan);
      expect(Buffer.compare(bytes(y), bytes(expected)), `${threads} threads`).toBe(0);
    }
  });

  // Rows of x set apart in y, as concatenation does it, from a place that need not be a line's beginning.
  it.each([
    [1, LARGE + 3, LARGE + 3, 0],
    [700, 3001, 3100, 5],
    [20000, 128, 130, 1],
    [40000, 63, 64, 0],
  ])('copies %i rows of %i at a distance of %i from element %i on', (rows, width, pitch, begin) => {
    const x = numbered(rows * width);
    const size = begin + rows * pitch;
    const expected = new Float32Array(size).fill(-1);
    for (let r = 0; r < rows; r++) {
      expected.set(x.subarray(r * width, (r + 1) * width), begin + r * pitch);
    }
    const plan = Int32Array.of(2, 0, begin, width, 1, 1, rows, width, pitch);
    for (const threads of [1, 4]) {
      addon!.setThreads(threads);
      const y = memory(size).fill(-1);
      kernelsOf(isa)['stridedCopy']!(x, y, plan);
      expect(Buffer.compare(bytes(y), bytes(expected)), `${threads} threads`).toBe(0);
    }
  });
});

function bytes({ buffer, byteOffset, byteLength }: Float32Array): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength);
}
