import { beforeAll, describe, expect, it } from 'vitest';
import { testEngine } from '../../test/test-engine.js';
import { arange, tensor } from '../create.js';
import { tidy } from '../memory.js';
import { use } from '../use.js';
import { slice, stridedSlice } from './index.js';

beforeAll(async () => void (await use(testEngine())));

/** `range(size)[begin:end:stride]` by Python's definition: walk from begin while end is not reached. */
function walk(size: number, begin: number | null, end: number | null, stride: number): number[] {
  const [first, last] = stride > 0 ? [0, size] : [-1, size - 1];
  const place = (v: number | null, open: number): number =>
    v === null ? open : Math.min(Math.max(v < 0 ? v + size : v, first), last);
  const from = place(begin, stride > 0 ? 0 : size - 1);
  const to = place(end, stride > 0 ? size : -1);
  const taken: number[] = [];
  for (let i = from; stride > 0 ? i < to : i > to; i += stride) taken.push(i);
  return taken;
}

describe('slices', () => {
  it('stridedSlice() takes what Python takes, for every begin, end and stride', async () => {
    const size = 4;
    const places = [null, ...Array.from({ length: 13 }, (_, i) => i - 6)];
    const x = arange(size);
    for (const begin of places) {
      for (const end of places) {
        for (const stride of [1, 2, 3, -1, -2, -3]) {
          const y = stridedSlice(x, [begin], [end], [stride]);
          const expected = walk(size, begin, end, stride);
          expect([...((await y.data()) as Int32Array)], `${begin}:${end}:${stride}`).toEqual(
            expected,
          );
          y.dispose();
        }
      }
    }
  });

  it('of inner axes keep the others whole', async () => {
    const x = tensor([
      [1, 2, 3],
      [4, 5, 6],
    ]);
    expect(await slice(x, 1).array()).toEqual([[4, 5, 6]]);
    expect(await slice(x, [0, 1], [-1, 1]).array()).toEqual([[2], [5]]);
    expect(await slice(x, [], [1]).array()).toEqual([[1, 2, 3]]);
    expect(await slice(tensor(3), []).array()).toBe(3);
    expect(await stridedSlice(x, [], [], [-1, 2]).array()).toEqual([
      [4, 6],
      [1, 3],
    ]);
    expect(await tidy(() => stridedSlice(x, [null, -1], [null, null])).array()).toEqual([[3], [6]]);
  });
});
