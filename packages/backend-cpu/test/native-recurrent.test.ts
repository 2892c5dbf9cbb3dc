// LSTM and GRU over sequences, and their gradients, against the formulas in double precision.
import { describe, expect, it } from 'vitest';
import { addon, isas, kernelsOf, values } from './addon.js';

interface Problem {
  readonly kind: 'lstm' | 'gru';
  readonly batch: number;
  readonly steps: number;
  readonly hidden: number;
  readonly reverse: boolean;
  readonly lengths: Int32Array;
}

type Arrays = Record<string, Float32Array>;
type Exact = Record<string, Float64Array>;

const GATES = { lstm: 4, gru: 3 } as const;
const NOTES = { lstm: 6, gru: 5 } as const;

/** Sizes of every array by name: inputs first, then results. */
function sizesOf({ kind, batch, steps, hidden }: Problem): {
  inputs: Record<string, number>;
  results: Record<string, number>;
} {
  const states = batch * hidden;
  const shared = {
    projected: GATES[kind] * states * steps,
    weight: GATES[kind] * hidden * hidden,
  };
  const own = kind === 'lstm' ? { cell: states } : { bias: 3 * hidden };
  const inputs = { ...shared, hidden: states, ...own };
  const results = {
    y: states * steps,
    lastHidden: states,
    ...(kind === 'lstm' ? { lastCell: states } : {}),
    trace: NOTES[kind] * states * steps,
  };
  return { inputs, results };
}

function inputsOf(problem: Problem): Arrays {
  const { inputs, results } = sizesOf(problem);
  const scale = 2 / Math.sqrt(problem.hidden + 1);
  const made: Arrays = {};
  let seed = 1;
  for (const [name, n] of Object.entries(inputs)) {
    made[name] = values(n, seed++).map((v) => (name === 'weight' ? v * scale : 2 * v));
  }
  for (const name of Object.keys(results)) {
    if (name !== 'trace') made[`d_${name}`] = values(results[name]!, seed++);
  }
  return made;
}

type Five = [number, number, number, number, number];

const sigmoid = (v: number): number => 1 / (1 + Math.exp(-v));

/** The formulas, one sequence and unit after the other. */
function expected(p: Problem, x: Arrays): Exact {
  const { kind, batch, steps, hidden: H, reverse, lengths } = p;
  const [G, K] = [GATES[kind], NOTES[kind]];
  const { inputs, results } = sizesOf(p);
  const r: Exact = {};
  for (const [name, n] of Object.entries(results)) r[name] = new Float64Array(n);
  for (const [name, n] of Object.entries(inputs)) r[`d_${name}`] = new Float64Array(n);
  for (let n = 0; n < batch; n++) {
    const order = Array.from({ length: steps }, (_, k) => (reverse ? steps - 1 - k : k)).filter(
      (t) => t < lengths[n]!,
    );
    let h = Array.from(x['hidden']!.subarray(n * H, (n + 1) * H));
    const c = kind === 'lstm' ? Array.from(x['cell']!.subarray(n * H, (n + 1) * H)) : [];
    for (const t of order) {
      const at = n * steps + t;
      const a = Array.from({ length: G * H }, (_, row) =>
        h.reduce((sum, v, u) => sum + x['weight']![row * H + u]! * v, x['bias']?.[row] ?? 0),
      );
      const input = (g: number, u: number): number => x['projected']![at * G * H + g * H + u]!;
      const next = h.map((old, u) => {
        const notes: number[] = [];
        let y: number;
        if (kind === 'lstm') {
          const z = [0, 1, 2, 3].map((g) => input(g, u) + a[g * H + u]!);
          const [i, f, o] = [sigmoid(z[0]!), sigmoid(z[1]!), sigmoid(z[3]!)];
          const g = Math.tanh(z[2]!);
          notes.push(i, f, g, o, c[u]!, old);
          c[u] = f * c[u]! + i * g;
          y = o * Math.tanh(c[u]!);
        } else {
          const [reset, z] = [0, 1].map((g) => sigmoid(input(g, u) + a[g * H + u]!)) as [
            number,
            number,
          ];
          const m = Math.tanh(input(2, u) + reset * a[2 * H + u]!);
          notes.push(reset, z, m, a[2 * H + u]!, old);
          y = (1 - z) * m + z * old;
        }
        notes.forEach((v, k) => (r['trace']![at * K * H + k * H + u] = v));
        r['y']![at * H + u] = y;
        return y;
      });
      h = next;
    }
    h.forEach((v, u) => (r['lastHidden']![n * H + u] = v));
    c.forEach((v, u) => (r['lastCell']![n * H + u] = v));

    let dh = Array.from(x['d_lastHidden']!.subarray(n * H, (n + 1) * H));
    const dc = Array.from(x['d_lastCell']?.subarray(n * H, (n + 1) * H) ?? []);
    for (const t of order.reverse()) {
      const at = n * steps + t;
      const note = (k: number, u: number): number => r['trace']![at * K * H + k * H + u]!;
      const da = new Float64Array(G * H);
      const passed = dh.map((d, u) => {
        const toY = d + x['d_y']![at * H + u]!;
        const put = (g: number, v: number, inner = v): void => {
          r['d_projected']![at * G * H + g * H + u] = v;
          da[g * H + u] = inner;
        };
        if (kind === 'lstm') {
          const [i, f, g, o, before] = [0, 1, 2, 3, 4].map((k) => note(k, u)) as Five;
          const squashed = Math.tanh(f * before + i * g);
          const toC = dc[u]! + toY * o * (1 - squashed ** 2);
          put(0, toC * g * i * (1 - i));
          put(1, toC * before * f * (1 - f));
          put(2, toC * i * (1 - g * g));
          put(3, toY * squashed * o * (1 - o));
          dc[u] = toC * f;
          return 0;
        }
        const [reset, z, m, inner, before] = [0, 1, 2, 3, 4].map((k) => note(k, u)) as Five;
        const toM = toY * (1 - z) * (1 - m * m);
        put(0, toM * inner * reset * (1 - reset));
        put(1, toY * (before - m) * z * (1 - z));
        put(2, toM, toM * reset);
        return toY * z;
      });
      da.forEach((v, row) => {
        for (let u = 0; u < H; u++) {
          passed[u]! += v * x['weight']![row * H + u]!;
          r['d_weight']![row * H + u]! += v * note(K - 1, u);
        }
        if (kind === 'gru') r['d_bias']![row]! += v;
      });
      dh = passed;
    }
    dh.forEach((v, u) => (r['d_hidden']![n * H + u] = v));
    dc.forEach((v, u) => (r['d_cell']![n * H + u] = v));
  }
  return r;
}

function run(kernels: ReturnType<typeof kernelsOf>, p: Problem, x: Arrays): Arrays {
  const { inputs, results } = sizesOf(p);
  const r: Arrays = {};
  for (const [name, n] of Object.entries(results)) r[name] = new Float32Array(n).fill(NaN);
  for (const [name, n] of Object.entries(inputs)) r[`d_${name}`] = new Float32Array(n).fill(NaN);
  const sizes = Int32Array.of(p.batch, p.steps, p.hidden, Number(p.reverse));
  const { lengths } = p;
  if (p.kind === 'lstm') {
    kernels['lstm']!(
      x['projected']!,
      x['weight']!,
      x['hidden']!,
      x['cell']!,
      lengths,
      r['y']!,
      r['lastHidden']!,
      r['lastCell']!,
      r['trace']!,
      sizes,
    );
    kernels['lstmGradient']!(
      x['weight']!,
      lengths,
      r['trace']!,
      x['d_y']!,
      x['d_lastHidden']!,
      x['d_lastCell']!,
      r['d_projected']!,
      r['d_weight']!,
      r['d_hidden']!,
      r['d_cell']!,
      sizes,
    );
  } else {
    kernels['gru']!(
      x['projected']!,
      x['weight']!,
      x['bias']!,
      x['hidden']!,
      lengths,
      r['y']!,
      r['lastHidden']!,
      r['trace']!,
      sizes,
    );
    const inner = new Float32Array(p.batch * p.steps * p.hidden).fill(NaN);
    kernels['gruGradient']!(
      x['weight']!,
      lengths,
      r['trace']!,
      x['d_y']!,
      x['d_lastHidden']!,
      r['d_projected']!,
      inner,
      r['d_weight']!,
      r['d_bias']!,
      r['d_hidden']!,
      sizes,
    );
  }
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

const problems: Problem[] = [];
for (const kind of ['lstm', 'gru'] as const) {
  for (const [i, [batch, steps, hidden]] of [
    [1, 1, 1],
    [2, 3, 7],
    [5, 4, 16],
    [3, 7, 17],
    [4, 5, 33],
    [61, 2, 20],
    [15, 3, 72],
  ].entries() as IterableIterator<[number, [number, number, number]]>) {
    for (const reverse of [false, true]) {
      // Some are whole, some end before, some have no step at all.
      const lengths = Int32Array.from({ length: batch }, (_, n) =>
        i % 3 === 0 ? steps : (n * 5 + 1) % (steps + 1),
      );
      problems.push({ kind, batch, steps, hidden, reverse, lengths });
    }
  }
}

describe.runIf(addon).each(isas)('recurrent kernels on %s', (isa) => {
  const kernels = kernelsOf(isa);

  it.each(problems)(
    '$kind of $batch sequences, $steps steps, $hidden units, reverse $reverse',
    (p) => {
      const x = inputsOf(p);
      const exact = expected(p, x);
      const r = run(kernels, p, x);
      for (const [name, values] of Object.entries(exact)) {
        expect([name, worst(r[name]!, values) < 2e-5]).toEqual([name, true]);
      }
    },
  );

  it('give the same bits on any number of threads', () => {
    for (const kind of ['lstm', 'gru'] as const) {
      const lengths = Int32Array.from({ length: 70 }, (_, n) => n % 5);
      const p = { kind, batch: 70, steps: 4, hidden: 100, reverse: false, lengths };
      const x = inputsOf(p);
      const threads = addon!.threads();
      try {
        addon!.setThreads(1);
        const one = run(kernels, p, x);
        addon!.setThreads(4);
        expect(run(kernels, p, x)).toEqual(one);
      } finally {
        addon!.setThreads(threads);
      }
    }
  });

  it('keep what is not finite to its own sequence', () => {
    for (const kind of ['lstm', 'gru'] as const) {
      const p = {
        kind,
        batch: 3,
        steps: 3,
        hidden: 5,
        reverse: false,
        lengths: Int32Array.of(3, 3, 1),
      };
      const x = inputsOf(p);
      const clean = run(kernels, p, x);
      const width = GATES[kind] * 5;
      x['projected']![3 * width] = NaN; // the second sequence, from its first step on
      x['projected']![7 * width] = Infinity; // beyond the end of the third
      const y = run(kernels, p, x)['y']!;
      expect(y[15]).toBeNaN();
      expect([...y.subarray(20, 30)].every(Number.isNaN)).toBe(true);
      expect([...y.subarray(0, 15)]).toEqual([...clean['y']!.subarray(0, 15)]);
      expect([...y.subarray(30)]).toEqual([...clean['y']!.subarray(30)]);
    }
  });

  it('take sizes of zero', () => {
    for (const kind of ['lstm', 'gru'] as const) {
      for (const [batch, steps, hidden] of [
        [0, 3, 4],
        [2, 0, 4],
        [2, 3, 0],
      ] as const) {
        const p = { kind, batch, steps, hidden, reverse: true, lengths: new Int32Array(batch) };
        const x = inputsOf(p);
        const r = run(kernels, p, x);
        expect(r['lastHidden']).toEqual(x['hidden']);
        expect(r['d_hidden']).toEqual(x['d_lastHidden']);
        expect(r['d_weight']!.every((v) => v === 0)).toBe(true);
      }
    }
  });

  it('refuse arrays that are too short', () => {
    const p = {
      kind: 'lstm',
      batch: 2,
      steps: 3,
      hidden: 4,
      reverse: false,
      lengths: new Int32Array(2),
    } as const;
    const x = inputsOf(p);
    expect(() => run(kernels, p, { ...x, weight: new Float32Array(63) })).toThrow('64');
    expect(() => run(kernels, { ...p, lengths: new Int32Array(1) }, x)).toThrow('2');
    expect(() => {
      const no = new Float32Array(0);
      const sizes = Int32Array.of(1, -1, 1, 0);
      kernels['lstm']!(no, no, no, no, Int32Array.of(1), no, no, no, no, sizes);
    }).toThrow('sizes[1] must not be negative; received -1');
  });
});
