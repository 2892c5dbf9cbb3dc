import { describe, expect, it } from 'vitest';
import { addon, error, values, isas, kernelsOf } from './addon.js';

interface Case {
  m: number;
  n: number;
  k: number;
  transposeA?: boolean;
  transposeB?: boolean;
  batch?: number;
  aBatch?: number;
  bBatch?: number;
}

const activations: readonly ((x: number) => number)[] = [
  (x) => x,
  (x) => Math.max(x, 0),
  (x) => Math.min(Math.max(x, 0), 6),
  (x) => (x < 0 ? Math.expm1(x) : x),
  (x) => 1 / (1 + Math.exp(-x)),
  Math.tanh,
];

function reference(
  c: Case,
  a: Float32Array,
  b: Float32Array,
  bias: Float32Array | null,
): Float64Array {
  const { m, n, k, transposeA, transposeB, batch = 1, aBatch = 1, bBatch = 1 } = c;
  const out = new Float64Array(batch * m * n);
  for (let z = 0; z < batch; ++z) {
    const aStart = aBatch === 1 ? 0 : z * m * k;
    const bStart = bBatch === 1 ? 0 : z * k * n;
    for (let i = 0; i < m; ++i) {
      for (let j = 0; j < n; ++j) {
        let sum = bias ? bias[j]! : 0;
        for (let p = 0; p < k; ++p) {
          const left = a[aStart + (transposeA ? p * m + i : i * k + p)]!;
          sum += left * b[bStart + (transposeB ? j * k + p : p * n + j)]!;
        }
        out[(z * m + i) * n + j] = sum;
      }
    }
  }
  return out;
}

const sizesOf = (c: Case, activation = 0): Int32Array =>
  Int32Array.of(
    c.m,
    c.n,
    c.k,
    +!!c.transposeA,
    +!!c.transposeB,
    activation,
    c.batch ?? 1,
    c.aBatch ?? 1,
    c.bBatch ?? 1,
  );
const operands = (c: Case): [Float32Array, Float32Array] => [
  values((c.aBatch ?? 1) * c.m * c.k, 1),
  values((c.bBatch ?? 1) * c.k * c.n, 2),
];

/** Sizes around every boundary: tiles, vectors, panels, passes over the depth, blocks. */
const shapes: [number, number, number][] = [
  [1, 1, 1],
  [1, 10, 84],
  [3, 1, 40],
  [4, 4, 4],
  [5, 7, 3],
  [6, 16, 17],
  [7, 33, 2],
  [13, 15, 31],
  [14, 32, 16],
  [15, 31, 33],
  [29, 63, 9],
  [64, 10, 84],
  [64, 120, 400],
  [10, 84, 64],
  [100, 65, 385],
  [171, 40, 129],
  [33, 530, 70],
  [2, 8, 1024],
  [1, 300, 512],
  [300, 1, 512],
  [16, 6, 800],
  // Beyond a depth of 1,024, pieces of the depth are summed apart where the result is small.
  [15, 33, 1025],
  [64, 17, 2047],
  [4, 100, 9000],
];

describe.runIf(addon).each(isas)('matmul with %s', (isa) => {
  const { matmul } = kernelsOf(isa);

  it.each(shapes)('is the product, %i x %i over %i, however the operands lie', (m, n, k) => {
    for (const transposeA of [false, true]) {
      for (const transposeB of [false, true]) {
        const c: Case = { m, n, k, transposeA, transposeB };
        const [a, b] = operands(c);
        const out = new Float32Array(m * n).fill(NaN);
        matmul!(a, b, null, out, sizesOf(c));
        expect(error(out, reference(c, a, b, null), k)).toBeLessThan(1);
      }
    }
  });

  it.each([0, 1, 2, 3, 4, 5])('adds the bias and applies activation %i', (activation) => {
    for (const [m, n, k] of [
      [20, 37, 12],
      [3, 5, 500],
      [40, 6, 8],
      [1, 64, 30],
      [18, 35, 3000],
    ] as const) {
      const c: Case = { m, n, k };
      const [a, b] = operands(c);
      const bias = values(n, 3).map((x) => 4 * x);
      const out = new Float32Array(m * n).fill(NaN);
      matmul!(a, b, bias, out, sizesOf(c, activation));
      const expected = reference(c, a, b, bias).map(activations[activation]!);
      expect(error(out, expected, k)).toBeLessThan(1);
    }
  });

  it.each([
    { m: 9, n: 20, k: 11, batch: 5, aBatch: 5, bBatch: 5 },
    { m: 9, n: 20, k: 11, batch: 5, aBatch: 5, bBatch: 1 },
    { m: 9, n: 20, k: 11, batch: 5, aBatch: 1, bBatch: 5 },
    { m: 9, n: 20, k: 11, batch: 5, aBatch: 5, bBatch: 1, transposeA: true },
    { m: 64, n: 64, k: 16, batch: 40, aBatch: 40, bBatch: 40, transposeB: true },
    { m: 2, n: 3, k: 4, batch: 700, aBatch: 700, bBatch: 700 },
  ] satisfies Case[])('multiplies a batch: %o', (c) => {
    const [a, b] = operands(c);
    const out = new Float32Array(c.batch * c.m * c.n).fill(NaN);
    matmul!(a, b, null, out, sizesOf(c));
    expect(error(out, reference(c, a, b, null), c.k)).toBeLessThan(1);
  });

  it('handles sizes of zero: no result, or no terms', () => {
    matmul!(
      new Float32Array(0),
      new Float32Array(12),
      null,
      new Float32Array(0),
      sizesOf({ m: 0, n: 4, k: 3 }),
    );
    matmul!(
      new Float32Array(12),
      new Float32Array(0),
      null,
      new Float32Array(0),
      sizesOf({ m: 4, n: 0, k: 3 }),
    );
    const out = new Float32Array(6).fill(NaN);
    matmul!(
      new Float32Array(0),
      new Float32Array(0),
      Float32Array.of(1, 2, -3),
      out,
      sizesOf({ m: 2, n: 3, k: 0 }, 1),
    );
    expect([...out]).toEqual([1, 2, 0, 1, 2, 0]);
    matmul!(
      new Float32Array(0),
      new Float32Array(0),
      null,
      new Float32Array(0),
      sizesOf({ m: 2, n: 3, k: 4, batch: 0, aBatch: 0, bBatch: 0 }),
    );
  });

  it('keeps infinities and NaN where they belong', () => {
    const a = Float32Array.of(1, Infinity, NaN, 1, 1, 1);
    const b = Float32Array.of(1, 2, 3, 4);
    const out = new Float32Array(6);
    matmul!(a, b, null, out, sizesOf({ m: 3, n: 2, k: 2 }));
    expect([...out]).toEqual([Infinity, Infinity, NaN, NaN, 4, 6]);
    matmul!(a, b, null, out, sizesOf({ m: 3, n: 2, k: 2 }, 1));
    expect([...out]).toEqual([Infinity, Infinity, NaN, NaN, 4, 6]);
  });

  it('gives the same bits with any number of threads', () => {
    for (const c of [
      { m: 200, n: 300, k: 500 },
      { m: 120, n: 400, k: 64, transposeA: true },
      { m: 90, n: 700, k: 401, transposeB: true },
      { m: 3, n: 900, k: 900 },
      { m: 60, n: 70, k: 5000, transposeA: true },
      { m: 30, n: 31, k: 32, batch: 50, aBatch: 50, bBatch: 50 },
    ] satisfies Case[]) {
      const [a, b] = operands(c);
      const results = [1, 2, 3, 7].map((threads) => {
        addon!.setThreads(threads);
        const out = new Float32Array(('batch' in c ? c.batch : 1) * c.m * c.n).fill(NaN);
        matmul!(a, b, null, out, sizesOf(c));
        return Buffer.from(out.buffer).toString('base64');
      });
      addon!.setThreads(2);
      expect(new Set(results).size).toBe(1);
    }
  });

  it('adds the bias of a deep product last, so that fused and separate kernels have the same bits', () => {
    const c: Case = { m: 20, n: 37, k: 4100 };
    const [a, b] = operands(c);
    const bias = values(c.n, 3);
    const [fused, plain] = [bias, null].map((added) => {
      const out = new Float32Array(c.m * c.n).fill(NaN);
      matmul!(a, b, added, out, sizesOf(c, added ? 1 : 0));
      return out;
    }) as [Float32Array, Float32Array];
    expect(fused).toEqual(plain.map((x, i) => Math.max(0, Math.fround(x + bias[i % c.n]!))));
  });

  it('reads arrays that start anywhere', () => {
    const c: Case = { m: 30, n: 41, k: 29 };
    const [a, b] = operands(c);
    const shifted = (x: Float32Array): Float32Array => {
      const storage = new Float32Array(x.length + 1);
      storage.set(x, 1);
      return storage.subarray(1);
    };
    const out = new Float32Array(c.m * c.n + 1).subarray(1);
    matmul!(shifted(a), shifted(b), null, out, sizesOf(c));
    expect(error(out, reference(c, a, b, null), c.k)).toBeLessThan(1);
  });

  it('refuses arrays that are too short, naming the argument', () => {
    const sizes = sizesOf({ m: 4, n: 4, k: 4 });
    const [full, short] = [new Float32Array(16), new Float32Array(15)];
    expect(() => matmul!(short, full, null, full, sizes)).toThrow(
      'argument 0 must hold at least 16 elements',
    );
    expect(() => matmul!(full, full, null, short, sizes)).toThrow(
      'argument 3 must hold at least 16 elements',
    );
    expect(() => matmul!(full, full, new Float32Array(3), full, sizes)).toThrow(
      'argument 2 must hold at least 4',
    );
    expect(() => matmul!(full, full, null, full, sizes.slice(1))).toThrow(
      'argument 4 must hold at least 9 elements',
    );
    expect(() => matmul!(full, full, null, full, sizesOf({ m: -4, n: 4, k: 4 }))).toThrow(
      'must not be negative',
    );
    expect(() =>
      matmul!(
        full,
        full,
        null,
        full,
        sizesOf({ m: 2, n: 2, k: 1, batch: 4, aBatch: 2, bBatch: 4 }),
      ),
    ).toThrow('does not give 4');
  });
});
