import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { testGoldenCases } from '../../test/golden-cases.js';
import { testEngine } from '../../test/test-engine.js';
import { grad } from '../autodiff/gradients.js';
import { tensor, zeros } from '../create.js';
import { ConfigError, ShapeError } from '../errors.js';
import { memory, tidy } from '../memory.js';
import { mul, square, sum } from '../ops/index.js';
import { Rng } from '../random/index.js';
import { use } from '../use.js';
import { argsort, sort } from './sort.js';

beforeAll(async () => void (await use(testEngine())));

interface Places {
  readonly dtype: 'float32' | 'int32';
  readonly shape: number[];
  /** Which elements, as golden/sort_places.py lists them. */
  readonly picks: number[];
  readonly axis: number;
  readonly descending: boolean;
  readonly places: number[];
}

const ELEMENTS = {
  float32: [NaN, Infinity, -Infinity, 0, -0, 1, -1, 1e-45, -1e-45, 3.4e38, NaN].map(Math.fround),
  int32: [-(2 ** 31), 2 ** 31 - 1, 0, -1, 1, 5],
};

describe('sort', () => {
  testGoldenCases('sort', {
    ascending: (x) => sort(x),
    descendingMiddle: (x) => sort(x, 1, { descending: true }),
    first: (x) => tidy(() => square(sort(x, 0))),
    vector: (x) => sort(x, 0),
  });

  const file = new URL('../../test/golden/sort-places.json', import.meta.url);
  const cases = JSON.parse(readFileSync(file, 'utf8')) as Places[];
  it.each(cases)('$dtype $shape along $axis, descending: $descending', async (golden) => {
    const { dtype, shape, picks, axis, descending, places } = golden;
    const elements = picks.map((i) => ELEMENTS[dtype][i]!);
    const x = tensor(elements, shape, dtype);
    const before = memory().numTensors;
    for (const at of [axis, axis - shape.length]) {
      const [values, indices] = [sort(x, at, { descending }), argsort(x, at, { descending })];
      expect([values.dtype, indices.dtype]).toEqual([dtype, 'int32']);
      expect([values.shape, indices.shape]).toEqual([shape, shape]);
      expect([...(await indices.data())]).toEqual(places);
      const inner = shape.slice(axis + 1).reduce((n, d) => n * d, 1);
      const length = shape[axis]!;
      const expected = places.map((place, i) => {
        const outer = Math.floor(i / (inner * length));
        return elements[(outer * length + place) * inner + (i % inner)]!;
      });
      const read = [...(await values.data())];
      expect(read.findIndex((v, i) => !Object.is(v, expected[i]))).toBe(-1);
      values.dispose();
      indices.dispose();
    }
    expect(memory().numTensors).toBe(before);
  });

  it('sorts rows longer than any block of the network', async () => {
    const x = new Rng(3).integers([3, 1000], { min: -50, max: 50 });
    const elements = [...((await x.data()) as Int32Array)];
    const rows = [0, 1, 2].map((r) => elements.slice(r * 1000, (r + 1) * 1000));
    const ascending = rows.map((row) => row.toSorted((a, b) => a - b));
    expect(await sort(x).array()).toEqual(ascending);
    expect(await sort(x, 1, { descending: true }).array()).toEqual(
      rows.map((row) => row.toSorted((a, b) => b - a)),
    );
    const places = (await argsort(x).array()) as number[][];
    places.forEach((order, r) => {
      const row = rows[r]!;
      expect(order.map((at) => row[at])).toEqual(ascending[r]);
      const stable = order.every(
        (at, i) => i === 0 || row[order[i - 1]!] !== row[at] || order[i - 1]! < at,
      );
      expect(stable).toBe(true);
    });
  });

  it('has gradients of every order, and none through places', async () => {
    const x = tensor([3, -1, 2]);
    const weights = tensor([1, 10, 100]);
    const cubes = (x: typeof weights): typeof weights => {
      const y = sort(x);
      return sum(mul(mul(y, mul(y, y)), weights));
    };
    const first = grad(cubes);
    const second = grad((x) => sum(first(x)));
    const third = grad((x) => sum(second(x)));
    expect(await first(x).array()).toEqual([2700, 3, 120]);
    expect(await second(x).array()).toEqual([1800, -6, 120]);
    expect(await third(x).array()).toEqual([600, 6, 60]);
    const counted = grad((x) => sum(mul(x, argsort(x))));
    expect(await counted(x).array()).toEqual([1, 2, 0]);
  });

  it('sorts nothing', async () => {
    for (const shape of [[0], [2, 0], [0, 3]]) {
      for (const of of [zeros(shape), zeros(shape, 'int32')]) {
        expect([sort(of).shape, sort(of).dtype]).toEqual([shape, of.dtype]);
        expect([argsort(of, 0).shape, argsort(of, 0).dtype]).toEqual([shape, 'int32']);
      }
    }
    expect(grad((x) => sum(sort(x)))(zeros([2, 0])).shape).toEqual([2, 0]);
  });

  it('says what it takes', () => {
    expect(() => sort(tensor([true]))).toThrow(ShapeError);
    expect(() => argsort(tensor(['a']))).toThrow(ShapeError);
    expect(() => sort(tensor(1))).toThrow(/sort\(\) needs an axis/);
    expect(() => argsort(zeros([2, 3]), 2)).toThrow(ConfigError);
  });
});
