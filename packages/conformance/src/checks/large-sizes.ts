/**
 * Sizes that an engine splits into blocks and among threads, none of them a multiple of anything,
 * against plain loops in double precision on the host. Run twice, an operation gives the same bits.
 */
import * as core from '@stratajs/core';
import type { Check } from '../check.js';
import { assertClose, assertEqual, assertIdentical, take, type Tolerance } from '../compare.js';
import { hostRandom } from '../host-random.js';
import { hostConv2d, hostMatmul, hostTranspose } from './host-reference.js';

interface Case {
  /** Shapes of float32 inputs, filled with fixed numbers in [−1, 1). */
  readonly inputs: readonly (readonly number[])[];
  readonly run: (...xs: core.Tensor[]) => core.Tensor;
  readonly shape: readonly number[];
  readonly expected: (...xs: Float32Array[]) => ArrayLike<number>;
}

const LONG = 300_007;
const f = Math.fround;

const cases: Readonly<Record<string, Case>> = {
  'add, 300,007 elements': {
    inputs: [[LONG], [LONG]],
    run: core.add,
    shape: [LONG],
    expected: (a, b) => a.map((v, i) => f(v + b[i]!)),
  },
  'mul, 513x1 by 1x257': {
    inputs: [
      [513, 1],
      [1, 257],
    ],
    run: core.mul,
    shape: [513, 257],
    expected: (a, b) =>
      Float32Array.from({ length: 513 * 257 }, (_, i) => a[Math.floor(i / 257)]! * b[i % 257]!),
  },
  'relu, 300,007 elements': {
    inputs: [[LONG]],
    run: core.relu,
    shape: [LONG],
    expected: (x) => x.map((v) => Math.max(v, 0)),
  },
  'exp, 300,007 elements': {
    inputs: [[LONG]],
    run: core.exp,
    shape: [LONG],
    expected: (x) => Array.from(x, Math.exp),
  },
  'sum of 300,007 elements': {
    inputs: [[LONG]],
    // Squared: a sum of both signs would cancel to nothing.
    run: (x) => core.sum(core.square(x)),
    shape: [],
    expected: (x) => [x.reduce((sum, v) => sum + v * v, 0)],
  },
  'mean over rows of 513x257': {
    inputs: [[513, 257]],
    run: (x) => core.mean(core.square(x), { axis: 0 }),
    shape: [257],
    expected: (x) => sumOfSquares(x, 257).map((v) => v / 513),
  },
  'max over columns of 257x513': {
    inputs: [[257, 513]],
    run: (x) => core.max(x, { axis: 1 }),
    shape: [257],
    expected: (x) =>
      Array.from({ length: 257 }, (_, r) => Math.max(...x.subarray(r * 513, (r + 1) * 513))),
  },
  'softmax of 257x129': {
    inputs: [[257, 129]],
    run: (x) => core.softmax(x),
    shape: [257, 129],
    expected: (x) => softmaxRows(x, 129),
  },
  'transpose of 257x513': {
    inputs: [[257, 513]],
    run: (x) => core.transpose(x),
    shape: [513, 257],
    expected: (x) => hostTranspose(x, 257, 513),
  },
  'gather of 3,001 rows': {
    inputs: [[127, 33]],
    run: (x) => core.gather(x, core.tensor(rowIndices, [rowIndices.length], 'int32')),
    shape: [3001, 33],
    expected: (x) =>
      Array.from(
        { length: 3001 * 33 },
        (_, i) => x[rowIndices[Math.floor(i / 33)]! * 33 + (i % 33)]!,
      ),
  },
  ...products(),
  'matmul, batch of 3 of 65x33x41': {
    inputs: [
      [3, 65, 33],
      [3, 33, 41],
    ],
    run: (a, b) => core.matmul(a!, b!),
    shape: [3, 65, 41],
    expected: (a, b) =>
      [0, 1, 2].flatMap((i) =>
        Array.from(
          hostMatmul(
            a.subarray(i * 65 * 33, (i + 1) * 65 * 33),
            b.subarray(i * 33 * 41, (i + 1) * 33 * 41),
            65,
            33,
            41,
          ),
        ),
      ),
  },
  'conv2d, 3x3, same, 16 to 25 channels': {
    inputs: [
      [2, 37, 29, 16],
      [3, 3, 16, 25],
    ],
    run: (x, w) => core.conv2d(x!, w!, { padding: 'same' }),
    shape: [2, 37, 29, 25],
    expected: (x, w) => hostConv2d(x, [2, 37, 29, 16], w, [3, 3, 16, 25], 1),
  },
  'the gradient of conv2d for its input': {
    inputs: [
      [2, 21, 29, 25],
      [3, 3, 16, 25],
    ],
    run: (dy, w) =>
      core
        .vjp((x) => core.conv2d(x, w!, { padding: 'same' }), core.zeros([2, 21, 29, 16]))
        .pullback(dy!)[0]!,
    shape: [2, 21, 29, 16],
    // The convolution of dy with the filter turned by 180° and its channels exchanged.
    expected: (dy, w) => hostConv2d(dy, [2, 21, 29, 25], turned(w, 9, 16, 25), [3, 3, 25, 16], 1),
  },
  'the gradient of conv2d for its filter': {
    inputs: [
      [2, 21, 29, 16],
      [2, 21, 29, 25],
    ],
    run: (x, dy) =>
      core.vjp((w) => core.conv2d(x!, w), core.zeros([1, 1, 16, 25])).pullback(dy!)[0]!,
    shape: [1, 1, 16, 25],
    // Of a 1x1 filter it is a product of matrices.
    expected: (x, dy) => hostMatmul(hostTranspose(x, 2 * 21 * 29, 16), dy, 16, 2 * 21 * 29, 25),
  },
};

export function largeSizes(tolerance: Tolerance): Check[] {
  return Object.entries(cases).map(([name, { inputs, run, shape, expected }]) => ({
    name,
    async run() {
      const values = inputs.map((s, i) => numbersOf(s, i));
      const compute = (): core.Tensor =>
        core.tidy(() => run(...values.map((v, i) => core.tensor(v, inputs[i]!))));
      const y = compute();
      assertEqual('The shape is wrong', y.shape, shape);
      const first = await take(y);
      assertClose('The result', first, expected(...values), tolerance);
      assertIdentical('The result of a second run', await take(compute()), first);
    },
  }));
}

const rowIndices = Int32Array.from({ length: 3001 }, (_, i) => (i * 89) % 127);

/** [131, 301]·[301, 77] in every transposed form. */
function products(): Record<string, Case> {
  const [m, k, n] = [131, 301, 77];
  return Object.fromEntries(
    [0, 1, 2, 3].map((bits): [string, Case] => {
      const [transposeA, transposeB] = [(bits & 1) === 1, (bits & 2) === 2];
      return [
        `matmul, ${m}x${k}x${n}${transposeA ? ', transposeA' : ''}${transposeB ? ', transposeB' : ''}`,
        {
          inputs: [transposeA ? [k, m] : [m, k], transposeB ? [n, k] : [k, n]],
          run: (a, b) => core.matmul(a!, b!, { transposeA, transposeB }),
          shape: [m, n],
          expected: (a, b) =>
            hostMatmul(
              transposeA ? hostTranspose(a, k, m) : a,
              transposeB ? hostTranspose(b, n, k) : b,
              m,
              k,
              n,
            ),
        },
      ];
    }),
  );
}

function numbersOf(shape: readonly number[], seed: number): Float32Array {
  const random = hostRandom(seed + 21);
  const size = shape.reduce((a, b) => a * b, 1);
  return Float32Array.from({ length: size }, () => 2 * random() - 1);
}

function sumOfSquares(x: Float32Array, columns: number): number[] {
  const sums = Array.from({ length: columns }, () => 0);
  x.forEach((v, i) => (sums[i % columns]! += v * v));
  return sums;
}

function softmaxRows(x: Float32Array, columns: number): number[] {
  const result: number[] = [];
  for (let row = 0; row < x.length; row += columns) {
    const exponentials = Array.from(x.subarray(row, row + columns), Math.exp);
    const total = exponentials.reduce((a, b) => a + b, 0);
    result.push(...exponentials.map((e) => e / total));
  }
  return result;
}

/** A filter [taps, in, out] with its taps in reverse and as [taps, out, in]. */
function turned(w: Float32Array, taps: number, inputs: number, outputs: number): Float32Array {
  const result = new Float32Array(w.length);
  for (let t = 0; t < taps; t++) {
    const tap = w.subarray(t * inputs * outputs, (t + 1) * inputs * outputs);
    result.set(hostTranspose(tap, inputs, outputs), (taps - 1 - t) * inputs * outputs);
  }
  return result;
}
