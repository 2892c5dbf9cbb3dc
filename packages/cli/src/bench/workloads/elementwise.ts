/** Work that memory bounds: element by element, along rows, and moving elements. */
import {
  abs,
  add,
  gather,
  linspace,
  maximum,
  mean,
  mul,
  neg,
  relu,
  Rng,
  softmax,
  square,
  sub,
  sum,
  tensor,
  tidy,
  topK,
  transpose,
  type Tensor,
} from '@stratajs/core';
import { inModes, repeat, type Workload } from './workload.js';

const CHAIN = 4 * 2 ** 20;
const ROWS = 4096;
const COLUMNS = 1024;
const SIDE = 4096;
const TABLE = 1_000_000;
const WIDTH = 64;

/** A workload on rows of 4096x1024. */
function alongRows(
  name: string,
  title: string,
  work: { readonly flops: number; readonly outputs: number },
  of: (x: Tensor) => Tensor,
): Workload {
  return {
    name,
    title: `${title} over rows of 4096x1024`,
    flops: work.flops * ROWS * COLUMNS,
    bytes: 4 * (ROWS * COLUMNS + work.outputs),
    bar: 1,
    prepare() {
      const x = new Rng(1).normal([ROWS, COLUMNS]);
      return repeat(() => of(x));
    },
  };
}

/** First elements of the chain's inputs; the last are their negatives. */
const X_FROM = 0.9;
const A_FROM = -0.5;

/** The chain for one element. */
function tenOperations(x: number, a: number): number {
  const y = Math.max(x * a + 0.5 - a, 0);
  return -Math.max(Math.abs(y + x) ** 2 * 0.25, a);
}

export const elementwise: readonly Workload[] = [
  {
    name: 'relu-chain',
    title: 'relu(2x + 1) over 4 M',
    flops: 3 * CHAIN,
    // Eager: three operations, each of which reads and writes.
    bytes: 3 * 2 * 4 * CHAIN,
    bar: 1,
    prepare() {
      const x = new Rng(1).normal([CHAIN]);
      return repeat(() => tidy(() => relu(add(mul(x, 2), 1))));
    },
  },
  ...inModes(
    {
      name: 'elementwise-chain',
      title: 'ten element-wise operations over 4 M',
      flops: 10 * CHAIN,
      // At least: two inputs and the result.
      bytes: 3 * 4 * CHAIN,
      value: tenOperations(X_FROM, A_FROM),
      step() {
        const x = linspace(X_FROM, -X_FROM, CHAIN);
        const a = linspace(A_FROM, -A_FROM, CHAIN);
        return () => {
          const y = relu(sub(add(mul(x, a), 0.5), a));
          return [neg(maximum(mul(square(abs(add(y, x))), 0.25), a))];
        };
      },
    },
    { bar: 0.25 },
  ),
  alongRows('sum-rows', 'sum', { flops: 1, outputs: ROWS }, (x) => sum(x, { axis: 1 })),
  alongRows('mean-rows', 'mean', { flops: 1, outputs: ROWS }, (x) => mean(x, { axis: 1 })),
  // Maximum, subtraction, exponential, sum, division: five, the exponential counted as one.
  alongRows('softmax-rows', 'softmax', { flops: 5, outputs: ROWS * COLUMNS }, (x) => softmax(x)),
  {
    name: 'transpose',
    title: 'transpose 4096x4096',
    flops: 0,
    bytes: 2 * 4 * SIDE * SIDE,
    bar: 1,
    prepare() {
      const x = new Rng(1).normal([SIDE, SIDE]);
      return repeat(() => transpose(x));
    },
  },
  {
    name: 'gather',
    title: 'gather of 1 M rows of 64',
    flops: 0,
    bytes: 4 * TABLE * (1 + 2 * WIDTH),
    bar: 1,
    prepare() {
      const rng = new Rng(1);
      const table = rng.normal([TABLE, WIDTH]);
      const indices = tensor(Int32Array.from({ length: TABLE }, () => rng.nextInt(TABLE)));
      return repeat(() => gather(table, indices));
    },
  },
  {
    name: 'top-k',
    title: 'top-k 100 of 1 M',
    flops: TABLE,
    bytes: 4 * TABLE,
    bar: 1,
    prepare() {
      const x = new Rng(1).normal([TABLE]);
      return repeat(() => {
        const { values, indices } = topK(x, 100);
        indices.dispose();
        return values;
      });
    },
  },
];
