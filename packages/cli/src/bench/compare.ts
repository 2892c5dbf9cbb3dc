/** Interleaved comparison of several sides on one workload. */
import { setTimeout } from 'node:timers/promises';
import { StrataError } from '@stratajs/core';
import type { Contender } from './peer.js';
import type { Side } from './sides.js';
import type { Workload } from './workloads/workload.js';

export interface SideResult {
  readonly side: string;
  readonly project: Side['project'];
  readonly threads: number;
  readonly description: string;
  /** Median over the rounds of the seconds that one run took. */
  readonly seconds: number;
  readonly gflops: number;
  readonly gigabytesPerSecond: number;
  /** Median over the rounds of our time divided by this side's, in the same round. */
  readonly ratio: number;
}

export interface Comparison {
  readonly workload: Workload;
  readonly rounds: number;
  /** Ours first. */
  readonly sides: readonly SideResult[];
  /** Sides that could not run it, with the reason. */
  readonly failed: readonly { readonly side: string; readonly reason: string }[];
}

const ROUND_SECONDS = 0.2;
/** Relative; a thousand roundings of float32 leave some 1e-5. */
const TOLERANCE = 1e-4;
/** So long each side runs first: a step of a network is JavaScript that V8 has to compile, some dozens of runs. */
const WARM_SECONDS = 2;
/** Before each: threads of the side that ran last look for more work for a while (OpenBLAS: 2^28 cycles) before they sleep. */
const PAUSE_MILLISECONDS = 150;

/**
 * Runs every side that has the workload once a round, `rounds` times, each for about 0.2 s after a pause, so that what
 * the machine does meanwhile weighs on all alike. `sides[0]` is ours.
 */
export async function compare(
  workload: Workload,
  sides: readonly Side[],
  rounds: number,
): Promise<Comparison> {
  const failed: { side: string; reason: string }[] = [];
  const ready: { side: Side; times: number; seconds: number[] }[] = [];
  for (const side of sides.filter((s) => s.runs(workload))) {
    const { peer } = side;
    try {
      const theirs = workload.peerName ?? workload.name;
      await peer.prepare(side.project === 'strata' ? workload.name : theirs);
      ready.push({ side, times: await calibrate(peer, workload.value), seconds: [] });
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      failed.push({ side: peer.name, reason });
    }
  }
  for (let round = 0; round < rounds; round++) {
    // A side whose single run takes seconds (tfjs without native code) is timed in three rounds only.
    const order = ready.filter((r) => round < 3 || r.times > 1 || r.seconds[0]! < 1);
    if (round % 2 === 1) order.reverse();
    for (const r of order) {
      await setTimeout(PAUSE_MILLISECONDS);
      r.seconds.push((await r.side.peer.run(r.times)).seconds / r.times);
    }
  }
  const ours = ready[0]?.seconds ?? [];
  const results = ready.map(({ side: { peer, project, threads }, seconds }) => ({
    side: peer.name,
    project,
    threads,
    description: peer.description,
    seconds: median(seconds),
    gflops: workload.flops / median(seconds) / 1e9,
    gigabytesPerSecond: workload.bytes / median(seconds) / 1e9,
    ratio: median(seconds.map((s, i) => ours[i]! / s)),
  }));
  return { workload, rounds, sides: results, failed };
}

/**
 * Warms the side up, and finds how many runs make a round.
 *
 * @throws StrataError where it computes something else than `value`.
 */
async function calibrate(peer: Contender, value: number | undefined): Promise<number> {
  let times = 1;
  let warm = 0;
  for (;;) {
    const { seconds, result } = await peer.run(times);
    if (value !== undefined && Math.abs(result - value) > TOLERANCE * Math.abs(value)) {
      throw new StrataError(`computed ${result}, where ${value} is right.`);
    }
    warm += seconds;
    if (seconds > ROUND_SECONDS / 2 && warm > WARM_SECONDS)
      return Math.max(1, Math.round((times * ROUND_SECONDS) / seconds));
    if (seconds <= ROUND_SECONDS / 2)
      times = Math.ceil(times * Math.min(10, Math.max(2, ROUND_SECONDS / Math.max(seconds, 1e-6))));
  }
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  if (sorted.length === 0) return Number.NaN;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
