/** A comparison in one line: against PyTorch's best, and against what the machine could do. */
import { type Comparison, compare } from './compare.js';
import type { Side } from './sides.js';
import { PEAKS } from './workloads/peaks.js';

/** The best rates that any side reached, on no more threads than ours has. */
export interface Peak {
  /** Of a product of 2048² matrices. */
  readonly gflops: number;
  /** Of a copy of 256 MiB, read and written bytes counted. */
  readonly gigabytesPerSecond: number;
}

export interface Summary {
  readonly name: string;
  readonly title: string;
  readonly seconds: number;
  readonly megaflops: number;
  readonly megabytes: number;
  readonly gflops: number;
  readonly gigabytesPerSecond: number;
  /** The least time that arithmetic and traffic take at the machine's peaks, over the time taken. */
  readonly shareOfLimit: number | null;
  /** Our time over that of PyTorch's fastest side; null where there is none. */
  readonly ratio: number | null;
  readonly fastest: string | null;
  /** The most that the ratio may be. */
  readonly bar: number | null;
  /** The most seconds that it may take, where that is asked instead. */
  readonly mostSeconds: number | null;
  readonly met: boolean | null;
  /** Our time on one thread over that on all, where it was measured. */
  readonly speedup: number | null;
}

export async function measurePeak(sides: readonly Side[], rounds: number): Promise<Peak> {
  const threads = sides[0]!.threads;
  const able = sides.filter((s) => s.project !== 'tfjs' && s.threads <= threads);
  const product = await compare(PEAKS.product, able, rounds);
  const copy = await compare(PEAKS.copy, able, rounds);
  return {
    gflops: Math.max(...product.sides.map((s) => s.gflops)),
    gigabytesPerSecond: Math.max(...copy.sides.map((s) => s.gigabytesPerSecond)),
  };
}

export function summarize({ workload, sides }: Comparison, peak: Peak): Summary | null {
  const ours = sides[0];
  if (ours?.project !== 'strata') return null;
  const { name, title, flops, bytes, bar = null, mostSeconds } = workload;
  const limit = Math.max(flops / peak.gflops, bytes / peak.gigabytesPerSecond) / 1e9;
  const peers = sides.filter((s) => s.project === 'pytorch');
  const fastest = peers.toSorted((a, b) => b.ratio - a.ratio)[0];
  const ratio = fastest?.ratio ?? null;
  const single = sides.find((s) => s !== ours && s.project === 'strata');
  return {
    name,
    title,
    seconds: ours.seconds,
    megaflops: flops / 1e6,
    megabytes: bytes / 1e6,
    gflops: ours.gflops,
    gigabytesPerSecond: ours.gigabytesPerSecond,
    // A working set that fits the caches is not bound by memory: then there is no such limit to tell of.
    shareOfLimit:
      bytes > CACHED || flops / bytes > peak.gflops / peak.gigabytesPerSecond
        ? limit / ours.seconds
        : null,
    ratio,
    fastest: fastest?.side ?? null,
    bar,
    mostSeconds: mostSeconds ?? null,
    met:
      mostSeconds !== undefined
        ? ours.seconds <= mostSeconds
        : ratio === null || bar === null
          ? null
          : ratio <= bar,
    speedup: single ? 1 / single.ratio : null,
  };
}

/** Bytes that second-level caches may hold. */
const CACHED = 2 ** 23;
