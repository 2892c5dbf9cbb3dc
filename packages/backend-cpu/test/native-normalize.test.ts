// Normalization and its gradient against the formulas in double precision.
import { describe, expect, it } from 'vitest';
import { addon, isas, kernelsOf, values } from './addon.js';

interface View {
  batch: number;
  positions: number;
  groups: number;
  channels: number;
}

const EPSILON = 1e-5;

interface Problem {
  readonly x: Float32Array;
  readonly gamma: Float32Array;
  readonly beta: Float32Array;
  readonly dy: Float32Array;
  readonly dMean: Float32Array;
  readonly dVariance: Float32Array;
}

const RESULTS = ['y', 'mean', 'variance', 'dx', 'dGamma', 'dBeta'] as const;
type Results<A> = Record<(typeof RESULTS)[number], A>;

function problem({ batch, positions, groups, channels }: View, offset = 0): Problem {
  const [n, columns] = [batch * positions * groups * channels, groups * channels];
  return {
    x: values(n, 1).map((v) => v * 2 + offset),
    gamma: values(columns, 2),
    beta: values(columns, 3),
    dy: values(n, 4),
    dMean: values(batch * groups, 5),
    dVariance: values(batch * groups, 6),
  };
}

function emptyResults<A>(view: View, make: (n: number) => A): Results<A> {
  const { batch, positions, groups, channels } = view;
  const [statistics, columns] = [batch * groups, groups * channels];
  const n = statistics * positions * channels;
  return {
    y: make(n),
    mean: make(statistics),
    variance: make(statistics),
    dx: make(n),
    dGamma: make(columns),
    dBeta: make(columns),
  };
}

/** The formulas of native/kernels/normalize*.cc, one group after the other. */
function expected(view: View, p: Problem): Results<Float64Array> {
  const { batch, positions, groups, channels } = view;
  const r = emptyResults(view, (n) => new Float64Array(n));
  const count = positions * channels;
  for (let at = 0; at < batch * groups; at++) {
    const [b, g] = [Math.floor(at / groups), at % groups];
    const elements: [index: number, column: number][] = [];
    for (let s = 0; s < positions; s++) {
      for (let k = 0; k < channels; k++) {
        const column = g * channels + k;
        elements.push([(b * positions + s) * groups * channels + column, column]);
      }
    }
    const mean = elements.reduce((sum, [i]) => sum + p.x[i]!, 0) / count;
    const variance = elements.reduce((sum, [i]) => sum + (p.x[i]! - mean) ** 2, 0) / count;
    const sigma = Math.sqrt(variance + EPSILON);
    r.mean[at] = mean;
    r.variance[at] = variance;
    let [plain, aligned] = [0, 0];
    for (const [i, c] of elements) {
      const centred = p.x[i]! - mean;
      r.y[i] = (p.gamma[c]! * centred) / sigma + p.beta[c]!;
      plain += p.gamma[c]! * p.dy[i]!;
      aligned += p.gamma[c]! * p.dy[i]! * centred;
      r.dGamma[c]! += (p.dy[i]! * centred) / sigma;
      r.dBeta[c]! += p.dy[i]!;
    }
    for (const [i, c] of elements) {
      const centred = p.x[i]! - mean;
      r.dx[i] =
        (p.gamma[c]! * p.dy[i]! - plain / count) / sigma -
        (centred * aligned) / (sigma ** 3 * count) +
        p.dMean[at]! / count +
        (2 * p.dVariance[at]! * centred) / count;
    }
  }
  return r;
}

function run(kernels: ReturnType<typeof kernelsOf>, view: View, p: Problem): Results<Float32Array> {
  const r = emptyResults(view, (n) => new Float32Array(n).fill(NaN));
  const sizes = Int32Array.of(view.batch, view.positions, view.groups, view.channels);
  kernels['normalize']!(p.x, p.gamma, p.beta, r.y, r.mean, r.variance, sizes, EPSILON);
  kernels['normalizeGradient']!(
    p.x,
    p.gamma,
    r.mean,
    r.variance,
    p.dy,
    p.dMean,
    p.dVariance,
    r.dx,
    r.dGamma,
    r.dBeta,
    sizes,
    EPSILON,
  );
  return r;
}

/** The greatest difference between two arrays, relative to the greatest value. */
function worst(actual: Float32Array, exact: Float64Array): number {
  const scale = exact.reduce((most, v) => Math.max(most, Math.abs(v)), 1e-30);
  return exact.reduce((most, v, i) => {
    const error = Math.abs(actual[i]! - v) / scale;
    return error <= most ? most : error; // takes NaN, too
  }, 0);
}

// batch, positions, groups, channels: batch norm [1, P, C, 1], layer norm [N, 1, 1, C], group norm [N, P, G, K].
const VIEWS: readonly [number, number, number, number][] = [
  ...[1, 2, 3, 5, 16, 17, 33, 48, 63, 64, 65, 130, 600].map(
    (c): [number, number, number, number] => [1, 50, c, 1],
  ),
  [1, 2, 4, 1],
  [1, 9001, 1, 1],
  [1, 9001, 3, 1],
  [1, 2100, 16, 1],
  [1, 40, 1200, 1],
  ...[1, 2, 7, 16, 31, 64, 100, 257, 3000, 5000].map((c): [number, number, number, number] => [
    6,
    1,
    1,
    c,
  ]),
  [3000, 1, 1, 8],
  [130, 1, 1, 40],
  [70, 1, 3, 20],
  [2, 7, 2, 3],
  [3, 600, 4, 8],
  [5, 300, 17, 1],
  [2, 40, 1, 90],
];

describe.runIf(addon).each(isas)('normalization on %s', (isa) => {
  const kernels = kernelsOf(isa);

  it.each(VIEWS)('of [%i, %i, %i, %i]', (batch, positions, groups, channels) => {
    const view = { batch, positions, groups, channels };
    const p = problem(view);
    const [actual, exact] = [run(kernels, view, p), expected(view, p)];
    // The gradient divides by σ³, which is next to nothing for a single value.
    const tolerance = positions * channels < 3 ? 2e-4 : 2e-6;
    for (const name of RESULTS)
      expect([name, worst(actual[name], exact[name]) < tolerance]).toEqual([name, true]);
  });

  it('far from zero, where float32 holds the mean to 1e-3 of a deviation', () => {
    for (const [batch, positions, groups, channels] of [
      [1, 5000, 7, 1],
      [9, 1, 1, 700],
      [2, 800, 2, 4],
    ] as const) {
      const view = { batch, positions, groups, channels };
      const p = problem(view, 10_000);
      const [actual, exact] = [run(kernels, view, p), expected(view, p)];
      for (const name of RESULTS)
        expect([name, worst(actual[name], exact[name]) < 2e-6]).toEqual([name, true]);
    }
  });

  it('first values far from the others change nothing', () => {
    const view = { batch: 1, positions: 3000, groups: 5, channels: 1 };
    const p = problem(view);
    p.x.fill(1e6, 0, 5);
    const exact = expected(view, p);
    const actual = run(kernels, view, p);
    for (const name of RESULTS)
      expect([name, worst(actual[name], exact[name]) < 2e-6]).toEqual([name, true]);
  });

  it('threads change no bit', () => {
    for (const [batch, positions, groups, channels] of [
      [1, 40_000, 20, 1],
      [700, 1, 1, 1000],
      [9, 900, 4, 4],
    ] as const) {
      const view = { batch, positions, groups, channels };
      const p = problem(view);
      const results = [1, 4].map((threads) => {
        addon!.setThreads(threads);
        return run(kernels, view, p);
      });
      addon!.setThreads(1);
      for (const name of RESULTS)
        expect(
          Buffer.compare(
            Buffer.from(results[0]![name].buffer),
            Buffer.from(results[1]![name].buffer),
          ),
        ).toBe(0);
    }
  });

  it('a NaN or an infinity spoils its own group alone', () => {
    for (const odd of [NaN, Infinity, -Infinity]) {
      for (const [batch, positions, groups, channels] of [
        [1, 100, 3, 1],
        [4, 1, 1, 40],
      ] as const) {
        const view = { batch, positions, groups, channels };
        const p = problem(view);
        p.x[1] = odd;
        const { y, dx, variance } = run(kernels, view, p);
        const spoilt = (i: number): boolean => (batch === 1 ? i % groups === 1 : i < channels);
        expect([...y].map(Number.isNaN)).toEqual([...y].map((_, i) => spoilt(i)));
        expect([...dx].map(Number.isNaN)).toEqual([...dx].map((_, i) => spoilt(i)));
        expect(Number.isNaN(variance[batch === 1 ? 1 : 0])).toBe(true);
      }
    }
  });

  it('of nothing: gradients of the factors are zero', () => {
    const view = { batch: 0, positions: 1, groups: 1, channels: 3 };
    const { dGamma, dBeta } = run(kernels, view, problem(view));
    expect([...dGamma, ...dBeta]).toEqual([0, 0, 0, 0, 0, 0]);
    run(kernels, { ...view, channels: 0 }, problem({ ...view, channels: 0 }));
  });

  it('refuses arrays that are too short', () => {
    const view = { batch: 2, positions: 3, groups: 2, channels: 2 };
    for (const name of ['x', 'gamma', 'beta', 'dy', 'dMean', 'dVariance'] as const) {
      const p = problem(view);
      const short = { ...p, [name]: p[name].subarray(1) };
      expect(() => run(kernels, view, short)).toThrow(/must hold at least/);
    }
  });
});
