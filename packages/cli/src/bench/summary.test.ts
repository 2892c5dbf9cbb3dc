import { expect, it } from 'vitest';
import type { Comparison, SideResult } from './compare.js';
import { summarize } from './summary.js';

const workload = {
  name: 'w',
  title: 'some work',
  flops: 4e9,
  bytes: 1e9,
  bar: 0.8,
  prepare: () => () => Promise.resolve(0),
};

function side(project: SideResult['project'], seconds: number, ratio: number): SideResult {
  const rate = { gflops: 4 / seconds, gigabytesPerSecond: 1 / seconds };
  return {
    side: `${project} ${seconds}`,
    project,
    threads: 1,
    description: '',
    seconds,
    ratio,
    ...rate,
  };
}

const compared = (...sides: SideResult[]): Comparison => ({
  workload,
  rounds: 9,
  sides,
  failed: [],
});

it('compares with the fastest of the sides of PyTorch, and with no other', () => {
  const sides = [
    side('strata', 0.5, 1),
    side('strata', 0.9, 0.56),
    side('pytorch', 1, 0.5),
    side('pytorch', 0.625, 0.8),
    side('tfjs', 0.1, 5),
  ];
  const summary = summarize(compared(...sides), { gflops: 16, gigabytesPerSecond: 10 });
  expect(summary).toMatchObject({ ratio: 0.8, fastest: 'pytorch 0.625', bar: 0.8, met: true });
  expect(summary?.speedup).toBeCloseTo(1 / 0.56);
});

it('says that a bar is missed, and nothing where there is no peer', () => {
  const peak = { gflops: 16, gigabytesPerSecond: 10 };
  const missed = summarize(compared(side('strata', 0.5, 1), side('pytorch', 0.6, 0.83)), peak);
  expect(missed?.met).toBe(false);
  expect(summarize(compared(side('strata', 0.5, 1)), peak)).toMatchObject({
    ratio: null,
    met: null,
  });
  expect(summarize(compared(side('pytorch', 0.5, 1)), peak)).toBeNull();
});

it('sets the time beside what arithmetic or traffic takes at the peaks, whichever takes longer', () => {
  const result = compared(side('strata', 0.5, 1));
  expect(summarize(result, { gflops: 16, gigabytesPerSecond: 10 })?.shareOfLimit).toBeCloseTo(0.5);
  expect(summarize(result, { gflops: 16, gigabytesPerSecond: 2.5 })?.shareOfLimit).toBeCloseTo(0.8);
});

it('knows no limit of traffic that stays in the caches', () => {
  const small = {
    ...compared(side('strata', 1e-3, 1)),
    workload: { ...workload, flops: 1e3, bytes: 1e6 },
  };
  expect(summarize(small, { gflops: 16, gigabytesPerSecond: 10 })?.shareOfLimit).toBeNull();
});
