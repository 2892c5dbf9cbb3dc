// Results so large that they are written past the caches: the same bits, whether whole vectors fit or not.
import { describe, expect, it } from 'vitest';
import { addon, isas, kernelsOf } from './addon.js';

const LARGE = 2 ** 23 + 5;
const block = addon === undefined ? null : addon.allocate(3 * 4 * (LARGE + 64));
const array = (at: number): Float32Array =>
  new Float32Array(block!, 4 * (at * (LARGE + 64)), LARGE + 1);

describe.runIf(addon).each(isas)('large results on %s', (isa) => {
  const kernels = kernelsOf(isa);

  it.each([0, 1])('%i elements after an aligned address', (offset) => {
    const [x, b, y] = [0, 1, 2].map((at) => array(at).subarray(offset, offset + LARGE)) as [
      Float32Array,
      Float32Array,
      Float32Array,
    ];
    for (let i = 0; i < LARGE; i++) x[i] = ((i * 7919) % 1001) - 500;
    for (const threads of [1, 4]) {
      addon!.setThreads(threads);
      kernels['relu']!(x, y, LARGE);
      expect(y.findIndex((v, i) => v !== Math.max(x[i]!, 0))).toBe(-1);
      kernels['subtract']!(x, y, b, LARGE);
      expect(b.findIndex((v, i) => v !== Math.min(x[i]!, 0))).toBe(-1);
      // Rows of a length that is no whole number of vectors.
      const columns = 1003;
      const rows = Math.floor(LARGE / columns);
      const bias = Float32Array.from({ length: columns }, (_, i) => i);
      const plan = Int32Array.of(2, columns, 3, rows, 1);
      kernels['add']!(x, bias, y, rows * columns, plan);
      expect(y.subarray(0, rows * columns).findIndex((v, i) => v !== x[i]! + (i % columns))).toBe(
        -1,
      );
    }
  });
});
