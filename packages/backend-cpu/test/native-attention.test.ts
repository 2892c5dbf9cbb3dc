// attention and attentionGradient against the same formulas in double precision.
import { describe, expect, it } from 'vitest';
import { addon, isas, kernelsOf, values } from './addon.js';

interface Sizes {
  readonly matrices: number;
  readonly rows: number;
  readonly keys: number;
  readonly features: number;
  readonly width: number;
}

interface Problem extends Sizes {
  readonly causal: boolean;
  readonly scale: number;
  readonly q: Float32Array;
  readonly k: Float32Array;
  readonly v: Float32Array;
  readonly dy: Float32Array;
  readonly mask: Float32Array | Uint8Array | null;
  readonly maskAt: Int32Array | null;
  readonly maskRow: number;
  readonly lengths: Int32Array | null;
  readonly perLength: number;
}

const RESULTS = ['y', 'logSumExp', 'dq', 'dk', 'dv'] as const;
type Results<A> = Record<(typeof RESULTS)[number], A>;

function problem(sizes: Sizes, options: Partial<Problem> = {}): Problem {
  const { matrices, rows, keys, features, width } = sizes;
  return {
    ...sizes,
    causal: false,
    scale: 2 / Math.sqrt(features),
    q: values(matrices * rows * features, 1).map((x) => 2 * x),
    k: values(matrices * keys * features, 2).map((x) => 2 * x),
    // Small, since gradients of a single key cancel to nothing but rounding, which a replay of these calls compares.
    v: values(matrices * keys * width, 3).map((x) => x / 2),
    dy: values(matrices * rows * width, 4).map((x) => x / 4),
    mask: null,
    maskAt: null,
    maskRow: 0,
    lengths: null,
    perLength: 0,
    ...options,
  };
}

function emptyResults<A>(p: Sizes, make: (n: number) => A): Results<A> {
  return {
    y: make(p.matrices * p.rows * p.width),
    logSumExp: make(p.matrices * p.rows),
    dq: make(p.matrices * p.rows * p.features),
    dk: make(p.matrices * p.keys * p.features),
    dv: make(p.matrices * p.keys * p.width),
  };
}

/** The score of each key for a query, −∞ where it is masked. */
function scoresOf(p: Problem, matrix: number, row: number): number[] {
  const length = p.lengths === null ? p.keys : p.lengths[Math.floor(matrix / p.perLength)]!;
  return Array.from({ length: p.keys }, (_, key) => {
    if (key >= length || (p.causal && key > row)) return -Infinity;
    let product = 0;
    for (let f = 0; f < p.features; f++) {
      product +=
        p.q[(matrix * p.rows + row) * p.features + f]! *
        p.k[(matrix * p.keys + key) * p.features + f]!;
    }
    const at = p.maskAt === null ? 0 : p.maskAt[matrix]! + row * p.maskRow + key;
    if (p.mask instanceof Uint8Array && p.mask[at] === 0) return -Infinity;
    return product * p.scale + (p.mask instanceof Float32Array ? p.mask[at]! : 0);
  });
}

function expected(p: Problem): Results<Float64Array> {
  const r = emptyResults(p, (n) => new Float64Array(n));
  const { rows, keys, features, width } = p;
  for (let matrix = 0; matrix < p.matrices; matrix++) {
    for (let row = 0; row < rows; row++) {
      const at = matrix * rows + row;
      const scores = scoresOf(p, matrix, row);
      const top = Math.max(...scores);
      const sum = scores.reduce((s, x) => s + (x === -Infinity ? 0 : Math.exp(x - top)), 0);
      r.logSumExp[at] = sum === 0 ? -Infinity : top + Math.log(sum);
      const weights = scores.map((x) => (x === -Infinity ? 0 : Math.exp(x - top) / sum));
      const value = (key: number, w: number): number => p.v[(matrix * keys + key) * width + w]!;
      const dWeights = weights.map((_, key) => {
        let d = 0;
        for (let w = 0; w < width; w++) {
          r.y[at * width + w]! += weights[key]! * value(key, w);
          d += p.dy[at * width + w]! * value(key, w);
        }
        return d;
      });
      const mean = weights.reduce((s, weight, key) => s + weight * dWeights[key]!, 0);
      weights.forEach((weight, key) => {
        const d = weight * (dWeights[key]! - mean) * p.scale;
        for (let f = 0; f < features; f++) {
          r.dq[at * features + f]! += d * p.k[(matrix * keys + key) * features + f]!;
          r.dk[(matrix * keys + key) * features + f]! += d * p.q[at * features + f]!;
        }
        for (let w = 0; w < width; w++) {
          r.dv[(matrix * keys + key) * width + w]! += weight * p.dy[at * width + w]!;
        }
      });
    }
  }
  return r;
}

function run(kernels: ReturnType<typeof kernelsOf>, p: Problem): Results<Float32Array> {
  const r = emptyResults(p, (n) => new Float32Array(n).fill(NaN));
  const { matrices, rows, keys, features, width, causal, maskRow, perLength } = p;
  const sizes = Int32Array.of(matrices, rows, keys, features, width, +causal, maskRow, perLength);
  const inputs = [p.q, p.k, p.v, p.mask, p.maskAt, p.lengths];
  kernels['attention']!(...inputs, r.y, r.logSumExp, sizes, p.scale);
  kernels['attentionGradient']!(
    ...inputs,
    r.y,
    r.logSumExp,
    p.dy,
    r.dq,
    r.dk,
    r.dv,
    sizes,
    p.scale,
  );
  return r;
}

/** The greatest difference between two arrays, relative to the greatest finite value (gradients of one key are 0); infinities must be equal. */
function worst(actual: Float32Array, exact: Float64Array): number {
  const scale = exact.reduce((m, x) => (Number.isFinite(x) ? Math.max(m, Math.abs(x)) : m), 0.1);
  return exact.reduce((most, x, i) => {
    const error = x === actual[i] ? 0 : Math.abs(actual[i]! - x) / scale;
    return error <= most ? most : error; // takes NaN, too
  }, 0);
}

/** What is expected, by the name of the problem: it is the same for every instruction set. */
const known = new Map<string, Results<Float64Array>>();

function check(kernels: ReturnType<typeof kernelsOf>, name: string, p: Problem): void {
  const exact = known.get(name) ?? expected(p);
  known.set(name, exact);
  const actual = run(kernels, p);
  for (const result of RESULTS) {
    const error = worst(actual[result], exact[result]);
    expect([name, result, error < 4e-6 ? 'close' : error]).toEqual([name, result, 'close']);
  }
}

const sizesOf = ([matrices, rows, keys, features, width]: readonly number[]): Sizes =>
  ({ matrices, rows, keys, features, width }) as Sizes;

/** Around registers, tiles and blocks of 128 queries and keys. */
const SIZES = [
  [1, 1, 1, 1, 1],
  [3, 1, 70, 16, 16],
  [2, 2, 3, 4, 5],
  [2, 5, 15, 7, 9],
  [2, 16, 16, 16, 16],
  [3, 17, 33, 8, 31],
  [4, 64, 64, 32, 32],
  [2, 127, 1, 3, 2],
  [1, 128, 128, 5, 33],
  [2, 129, 127, 5, 6],
  [1, 130, 300, 12, 3],
  [1, 300, 257, 8, 5],
  [1, 9, 12, 500, 3],
  [1, 9, 12, 3, 500],
];

describe.runIf(addon).each(isas)('attention on %s', (isa) => {
  const kernels = kernelsOf(isa);

  it.each(SIZES)('%i · [%i, %i], %i features, values of %i', (...sizes) => {
    check(kernels, `${sizes}`, problem(sizesOf(sizes)));
    check(kernels, `${sizes} causal`, problem(sizesOf(sizes), { causal: true }));
  });

  it.each(SIZES)('%i · [%i, %i], %i features, values of %i, masked', (...list) => {
    const sizes = sizesOf(list);
    const { matrices, rows, keys } = sizes;
    const whole = { maskAt: Int32Array.from({ length: matrices }, (_, i) => i * rows * keys) };
    // Of some rows everything, of others a block of 128 keys is masked.
    const open = Uint8Array.from(values(matrices * rows * keys, 5), (x, i) => {
      const [row, key] = [Math.floor(i / keys) % rows, i % keys];
      return row % 5 === 3 || (row % 3 === 1 && key < 128) ? 0 : +(x > -0.5);
    });
    check(kernels, `${list} seen`, problem(sizes, { ...whole, mask: open, maskRow: keys }));
    const added = values(matrices * rows * keys, 6).map((x, i) => (open[i] ? 3 * x : -Infinity));
    const causal = { mask: added, maskRow: keys, causal: true };
    check(kernels, `${list} added`, problem(sizes, { ...whole, ...causal }));
    // One row for all queries, every other matrix the same.
    const maskAt = Int32Array.from({ length: matrices }, (_, i) => (i % 2) * keys);
    const two = open.map((x, i) => (i % 7 === 2 ? 1 : x)).subarray(0, 2 * keys);
    const shared = new Uint8Array(2 * keys).fill(1);
    shared.set(two);
    check(kernels, `${list} shared`, problem(sizes, { mask: shared, maskAt }));
    const lengths = Int32Array.from({ length: Math.ceil(matrices / 2) }, (_, i) =>
      i === 1 ? -1 : Math.ceil(keys / 2) + i * keys,
    );
    check(kernels, `${list} lengths`, problem(sizes, { lengths, perLength: 2 }));
    check(kernels, `${list} both`, problem(sizes, { lengths, perLength: 2, causal: true }));
  });

  it('is stable for large scores', () => {
    const sizes = sizesOf([2, 20, 260, 4, 5]);
    const p = problem(sizes);
    const far = values(2 * 20 * 260, 7).map((x) => 5000 + 200 * x);
    const maskAt = Int32Array.of(0, 20 * 260);
    const actual = run(kernels, { ...p, mask: far, maskAt, maskRow: 260 });
    const exact = expected({ ...p, mask: far, maskAt, maskRow: 260 });
    // Scores of 5000 are off by half a thousandth.
    for (const name of RESULTS) expect(worst(actual[name], exact[name])).toBeLessThan(2e-3);
  });

  it('threads change no bit', () => {
    for (const sizes of [
      [40, 64, 64, 32, 32],
      [2, 700, 500, 24, 40],
      [600, 1, 50, 8, 8],
    ]) {
      const p = problem(sizesOf(sizes), { causal: sizes[0] === 2 });
      const results = [1, 4].map((threads) => {
        addon!.setThreads(threads);
        return run(kernels, p);
      });
      addon!.setThreads(1);
      for (const name of RESULTS) {
        const [one, four] = results.map((r) => Buffer.from(r[name].buffer));
        expect(Buffer.compare(one!, four!)).toBe(0);
      }
    }
  });

  it('a query that is not finite spoils its own row, a key all that see it', () => {
    for (const odd of [NaN, Infinity]) {
      const sizes = sizesOf([2, 150, 140, 8, 8]);
      const p = problem(sizes, { causal: true });
      p.q[5 * 8 + 1] = odd;
      p.k[(140 + 130) * 8] = NaN;
      const { y } = run(kernels, p);
      const spoilt = (row: number): boolean => row === 5 || row >= 150 + 130;
      expect([...y].map(Number.isNaN)).toEqual([...y].map((_, i) => spoilt(Math.floor(i / 8))));
    }
  });

  it('of nothing', () => {
    for (const sizes of [
      [0, 3, 3, 2, 2],
      [2, 0, 3, 2, 2],
      [2, 3, 0, 2, 2],
      [2, 3, 3, 2, 0],
      [2, 3, 3, 0, 2],
    ]) {
      const p = problem(sizesOf(sizes), { scale: 1 });
      const [actual, exact] = [run(kernels, p), expected(p)];
      for (const name of RESULTS) expect(worst(actual[name], exact[name])).toBeLessThan(1e-6);
    }
  });

  it('refuses arrays that are too short', () => {
    const p = problem(sizesOf([2, 3, 4, 2, 2]), {
      mask: new Float32Array(24),
      maskAt: Int32Array.of(0, 12),
      maskRow: 4,
      lengths: Int32Array.of(1, 2),
      perLength: 1,
    });
    run(kernels, p);
    for (const name of ['q', 'k', 'v', 'dy', 'mask', 'maskAt', 'lengths'] as const) {
      expect(() => run(kernels, { ...p, [name]: p[name]!.subarray(1) })).toThrow(
        /must hold at least/,
      );
    }
    expect(() => run(kernels, { ...p, maskAt: Int32Array.of(0, -1) })).toThrow(/maskAt\[1\].*-1/);
    expect(() => run(kernels, { ...p, perLength: 0 })).toThrow(/at least one matrix/);
  });
});
