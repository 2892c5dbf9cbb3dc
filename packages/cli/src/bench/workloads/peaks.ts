/** What the machine can do at most: not compared, but what every other result is set beside. */
import type { Workload } from './workload.js';
import { peakProduct } from './products.js';

const COPIED = 2 ** 26;

/** Copies 256 MiB; arrays far larger than any cache. */
const peakCopy: Workload = {
  name: 'peak-copy',
  title: 'copy of 256 MiB',
  flops: 0,
  bytes: 2 * 4 * COPIED,
  prepare() {
    const from = new Float32Array(COPIED).fill(1);
    const to = new Float32Array(COPIED).fill(2);
    return async (times) => {
      for (let i = 0; i < times; i++) to.set(from);
      return to[COPIED - 1]!;
    };
  },
};

export const PEAKS: { readonly product: Workload; readonly copy: Workload } = {
  product: peakProduct,
  copy: peakCopy,
};
