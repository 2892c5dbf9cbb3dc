import { expect, it } from 'vitest';
import type { SideResult } from '../compare.js';
import { type BrowserComparison, browserTable } from './compare-in-browser.js';

const workload = {
  name: 'w',
  title: 'some work',
  flops: 1,
  bytes: 1,
  prepare: () => () => Promise.resolve(0),
};

const side = (name: string, seconds: number, ratio: number): SideResult => ({
  side: name,
  project: name === 'strata' ? 'strata' : 'tfjs',
  threads: 1,
  description: '',
  seconds,
  gflops: 1,
  gigabytesPerSecond: 1,
  ratio,
});

const row = (bar: number | null, ...sides: SideResult[]): string => {
  const comparison: BrowserComparison = {
    engine: 'webgl',
    comparison: { workload, rounds: 9, sides, failed: [] },
    bar,
  };
  return browserTable([comparison]).split('\n').at(-1)!;
};

it.each([
  [
    [side('strata', 0.1, 1), side('tfjs-layers', 0.2, 0.5)],
    '100.0 ms | 200.0 ms | ≤ 0.80 | 0.500 | yes',
  ],
  [
    [side('strata', 0.2, 1), side('tfjs-layers', 0.2, 1)],
    '200.0 ms | 200.0 ms | ≤ 0.80 | 1.000 | no',
  ],
  // Theirs alone must not stand where ours does.
  [[side('tfjs-layers', 0.2, 1)], 'cannot | 200.0 ms | ≤ 0.80 |  | no'],
])('says whose time it is, and whether the bar is met', (sides, cells) => {
  expect(row(0.8, ...sides)).toBe(`| some work | webgl | ${cells} |`);
});

it('has no bar where tfjs-layers cannot train', () => {
  expect(row(null, side('strata', 0.1, 1))).toBe(
    '| some work | webgl | 100.0 ms | cannot |  |  |  |',
  );
});
