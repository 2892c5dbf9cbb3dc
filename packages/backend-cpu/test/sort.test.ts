// sort() and argsort() on every tier and instruction set, against PyTorch's golden values and one another.
import { argsort, closeBackends, sort, type Tensor, tensor, use } from '@stratajs/core';
import { readFileSync } from 'node:fs';
import { afterEach, expect, it } from 'vitest';
import { cpu, type CpuOptions, kernelTable } from '../src/index.js';
import { addon } from './addon.js';
import { numbers } from './both.js';

afterEach(closeBackends);

const SPECIAL = [NaN, Infinity, -Infinity, 0, -0, 1, -1, 1e-45, -1e-45, 3.4e38, NaN].map(
  Math.fround,
);
const WHOLE = [-(2 ** 31), 2 ** 31 - 1, 0, -1, 1, 5];

interface Places {
  readonly dtype: 'float32' | 'int32';
  readonly shape: number[];
  /** Which of SPECIAL or WHOLE. */
  readonly picks: number[];
  readonly axis: number;
  readonly descending: boolean;
  readonly places: number[];
}

const file = new URL('../../core/test/golden/sort-places.json', import.meta.url);
const golden = JSON.parse(readFileSync(file, 'utf8')) as Places[];

const tiers: readonly (readonly [string, CpuOptions])[] = [
  ...(addon?.supported() ?? []).flatMap((isa) =>
    [1, 4].map(
      (threads) =>
        [
          `native ${isa}, ${threads} threads`,
          { tier: 'native', isa, threads } as CpuOptions,
        ] as const,
    ),
  ),
  ['wasm', { tier: 'wasm' }],
  ['javascript', { tier: 'javascript' }],
];

it.each(tiers)('places as PyTorch has them: %s', async (_, options) => {
  await use(cpu(options));
  for (const { dtype, shape, picks, axis, descending, places } of golden) {
    const x = tensor(
      picks.map((i) => (dtype === 'int32' ? WHOLE : SPECIAL)[i]!),
      shape,
      dtype,
    );
    const found = argsort(x, axis, { descending });
    expect([...((await found.data()) as Int32Array)], `${dtype} ${shape} ${axis}`).toEqual(places);
    found.dispose();
    x.dispose();
  }
});

/** Of lengths around those at which ways of sorting change, and with equal elements. */
async function sortedRows(options: CpuOptions): Promise<number[][]> {
  await use(cpu(options));
  const all: Tensor[] = [];
  for (const n of [1, 2, 15, 16, 17, 47, 48, 49, 255, 256, 257, 3001, 140_000]) {
    const values = numbers(n, n, 30);
    const x = tensor(values);
    const whole = tensor(Int32Array.from(values), [n], 'int32');
    for (const descending of [false, true]) {
      for (const of of [x, whole])
        all.push(sort(of, 0, { descending }), argsort(of, 0, { descending }));
    }
  }
  const rows = tensor(numbers(300 * 40, 1, 3).map(Math.round), [300, 40]);
  all.push(sort(rows), argsort(rows), sort(rows, 0), argsort(rows, 0));
  const read = await Promise.all(all.map(async (t) => [...((await t.data()) as Float32Array)]));
  await closeBackends();
  return read;
}

it('every tier and instruction set gives the same', async () => {
  const expected = await sortedRows({ tier: 'javascript' });
  const ofLast = 8 * 12;
  expect(expected[ofLast]).toEqual(Array.from(numbers(140_000, 140_000, 30)).sort((a, b) => a - b));
  for (const [name, options] of tiers) {
    const actual = await sortedRows(options);
    actual.forEach((row, i) => {
      const at = row.findIndex((v, j) => !Object.is(v, expected[i]![j]));
      expect(at, `${name}: result ${i}`).toBe(-1);
    });
  }
});

it.each([
  ...(addon ? [['native', 'native'] as const] : []),
  ['wasm', 'host copy'],
  ['javascript', 'javascript'],
] as const)('on the %s tier the origin of StrataSort is: %s', async (tier, origin) => {
  await use(cpu({ tier }));
  expect(kernelTable()['StrataSort']).toBe(origin);
});
