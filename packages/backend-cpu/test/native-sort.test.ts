import { describe, expect, it } from 'vitest';
import { addon, isas, kernelsOf, values } from './addon.js';

type Elements = Float32Array | Int32Array;

/**
 * Where the elements stand in order: NaN above all, 0 and −0 the same, equals as they come. Each is
 * one number, its bits as a whole number in the order of the values, and then its place.
 */
function order(x: Elements, descending = true): Float64Array {
  const bits = new Int32Array(x.buffer, x.byteOffset, x.length);
  const keys = Float64Array.from(x, (v, i) => {
    let rank = v === 0 ? 0 : bits[i]!;
    if (x instanceof Float32Array) {
      if (Number.isNaN(v)) rank = 2 ** 31 - 1;
      else if (rank < 0) rank = -(rank & 0x7fffffff);
    }
    return (descending ? -rank : rank) * PLACES + i;
  });
  return keys.sort().map((key) => key - Math.floor(key / PLACES) * PLACES);
}
const PLACES = 2 ** 20;

/** Rows of the kinds that a selection may trip over. */
const ROWS: Record<string, (n: number) => Elements> = {
  random: (n) => values(n, 1),
  'few values': (n) => values(n, 2).map((v) => Math.round(v * 3)),
  ascending: (n) => Float32Array.from({ length: n }, (_, i) => i / 7 - 5),
  descending: (n) => Float32Array.from({ length: n }, (_, i) => 5 - i / 7),
  equal: (n) => new Float32Array(n).fill(-1),
  odd: (n) =>
    Float32Array.from(
      { length: n },
      (_, i) => [NaN, Infinity, -Infinity, 0, -0, 1e-45, -1e-45, 3][(i * 7) % 8]!,
    ),
  'all NaN': (n) => new Float32Array(n).fill(NaN),
  integers: (n) => Int32Array.from(values(n, 3), (v) => v * 2 ** 31),
  'extreme integers': (n) =>
    Int32Array.from({ length: n }, (_, i) => [-(2 ** 31), 2 ** 31 - 1, 0][i % 3]!),
};

const like = (x: Elements, n: number): Elements =>
  x instanceof Int32Array ? new Int32Array(n) : new Float32Array(n);

/** Runs a kernel (x, values, indices, rows, columns, last) with one thread and with four. */
function run(
  isa: string,
  name: string,
  x: Elements,
  rows: number,
  kept: number,
  last: number,
): [Elements, Int32Array] {
  const results = [1, 4].map((threads): [Elements, Int32Array] => {
    addon!.setThreads(threads);
    const result: [Elements, Int32Array] = [like(x, rows * kept), new Int32Array(rows * kept)];
    kernelsOf(isa)[name]!(x, ...result, rows, x.length / rows, last);
    return result;
  });
  const bytes = (part: Elements): Buffer =>
    Buffer.from(part.buffer, part.byteOffset, part.byteLength);
  for (const part of [0, 1] as const) {
    expect(bytes(results[1]![part]).equals(bytes(results[0]![part]))).toBe(true);
  }
  return results[0]!;
}

function expectPicks(
  x: Elements,
  picks: Float64Array,
  [got, indices]: [Elements, Int32Array],
  what: string,
): void {
  const wrong = picks.findIndex((at, i) => indices[i] !== at || !Object.is(got[i], x[at]));
  expect(wrong, `${what}: element ${wrong}`).toBe(-1);
}

describe.runIf(addon).each(isas)('order on %s', (isa) => {
  it.each(Object.keys(ROWS))('the greatest of %s', (kind) => {
    for (const n of [1, 2, 15, 16, 17, 64, 100, 1000, 3001]) {
      const x = ROWS[kind]!(n);
      const expected = order(x);
      for (const k of new Set([1, 2, 5, 33, 100, n - 1, n])) {
        if (k < 1 || k > n) continue;
        const picks = expected.subarray(0, k);
        expectPicks(x, picks, run(isa, 'topK', x, 1, k, k), `${k} of ${n}`);
      }
    }
  });

  it.each(['random', 'few values', 'ascending', 'odd', 'integers'])(
    'the greatest of a long row of %s',
    (kind) => {
      const x = ROWS[kind]!(530_011);
      const expected = order(x);
      for (const k of [1, 100, 3000, 300_000]) {
        expectPicks(x, expected.subarray(0, k), run(isa, 'topK', x, 1, k, k), `${k}`);
      }
    },
  );

  it('the greatest of each row', () => {
    const [rows, columns, k] = [700, 37, 4];
    const x = ROWS['few values']!(rows * columns);
    const [got, indices] = run(isa, 'topK', x, rows, k, k);
    for (let r = 0; r < rows; r++) {
      const row = x.subarray(r * columns, (r + 1) * columns);
      const range = [r * k, (r + 1) * k] as const;
      const picks = order(row).subarray(0, k);
      expectPicks(row, picks, [got.subarray(...range), indices.subarray(...range)], `row ${r}`);
    }
  });

  it.each(Object.keys(ROWS))('sorts %s', (kind) => {
    for (const n of [1, 2, 47, 48, 49, 1000, 131_100]) {
      const x = ROWS[kind]!(n);
      for (const descending of [false, true]) {
        const sorted = run(isa, 'sort', x, 1, n, Number(descending));
        expectPicks(x, order(x, descending), sorted, `${n}, ${descending ? 'down' : 'up'}`);
      }
    }
  });

  it('sorts each row', () => {
    for (const [rows, columns] of [
      [300, 10],
      [50, 100],
      [2, 131_072],
    ] as const) {
      const x = ROWS['few values']!(rows * columns);
      const [got, indices] = run(isa, 'sort', x, rows, columns, 0);
      for (let r = 0; r < rows; r++) {
        const range = [r * columns, (r + 1) * columns] as const;
        const row = x.subarray(...range);
        const sorted: [Elements, Int32Array] = [got.subarray(...range), indices.subarray(...range)];
        expectPicks(row, order(row, false), sorted, `row ${r}`);
      }
    }
  });

  it('takes nothing', () => {
    const { topK, sort } = kernelsOf(isa);
    const none = new Float32Array(0);
    topK!(none, none, new Int32Array(0), 0, 5, 2);
    topK!(none, none, new Int32Array(0), 3, 0, 0);
    sort!(none, none, new Int32Array(0), 3, 0, 0);
    sort!(none, none, new Int32Array(0), 0, 3, 1);
    const three = new Float32Array(3);
    expect(() => topK!(three, new Float32Array(4), new Int32Array(4), 1, 3, 4)).toThrow(
      /4 of 3 elements/,
    );
    expect(() => topK!(three, three, new Int32Array(2), 1, 3, 3)).toThrow(/at least 3 elements/);
    expect(() => sort!(three, three, new Int32Array(2), 1, 3, 0)).toThrow(/at least 3 elements/);
  });
});
