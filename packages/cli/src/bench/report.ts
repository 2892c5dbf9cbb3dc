/** Comparisons as tables for a terminal. */
import { table } from '../table.js';
import type { Comparison } from './compare.js';
import type { Summary } from './summary.js';

/** Every side of one workload. */
export function comparisonTable({ workload, rounds, sides, failed }: Comparison): string {
  const rows = sides.map((s, i) => [
    s.side,
    s.description,
    time(s.seconds),
    s.gflops.toFixed(1),
    s.gigabytesPerSecond.toFixed(1),
    // Where our side failed there is nothing to compare with.
    i === 0 || sides[0]!.project !== 'strata' ? '' : s.ratio.toFixed(3),
  ]);
  const head = ['side', 'what ran', 'time', 'GFLOP/s', 'GB/s', 'ours / theirs'];
  const bar =
    workload.bar === undefined ? '' : `, bar ≤ ${workload.bar.toFixed(2)} of PyTorch's time`;
  const title = `${workload.title}: ${counts(workload.flops / 1e6, workload.bytes / 1e6)}${bar} (median of ${rounds})`;
  const notes = failed.map((f) => `${f.side} cannot: ${f.reason}`);
  return [title, table(head, rows), ...notes].join('\n');
}

/** One line for each workload, in Markdown, as the benchmark pages hold it. */
export function summaryTable(summaries: readonly Summary[]): string {
  const head = [
    'work',
    'MFLOP',
    'MB',
    'time',
    'GFLOP/s',
    'GB/s',
    'of the limit',
    'bar',
    'ours / PyTorch',
    'met',
  ];
  const rows = summaries.map((s) => [
    s.title,
    s.megaflops.toFixed(1),
    s.megabytes.toFixed(1),
    time(s.seconds),
    s.gflops.toFixed(1),
    s.gigabytesPerSecond.toFixed(1),
    s.shareOfLimit === null ? 'cached' : `${(100 * s.shareOfLimit).toFixed(0)}%`,
    barOf(s),
    s.ratio === null ? '' : s.ratio.toFixed(3),
    s.met === null ? '' : s.met ? 'yes' : 'no',
  ]);
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  const rule = head.map((_, i) => (i === 0 || i === head.length - 1 ? '---' : '---:'));
  const scaling = summaries.flatMap((s) =>
    s.speedup === null
      ? []
      : [`${s.title}: ${s.speedup.toFixed(2)} times as fast as on one thread`],
  );
  return [[line(head), line(rule), ...rows.map(line)].join('\n'), ...scaling].join('\n\n');
}

function barOf({ bar, mostSeconds }: Summary): string {
  if (mostSeconds !== null) return `≤ ${time(mostSeconds)}`;
  return bar === null ? '' : `≤ ${bar.toFixed(2)}`;
}

function counts(megaflops: number, megabytes: number): string {
  return `${megaflops.toFixed(1)} MFLOP, ${megabytes.toFixed(1)} MB`;
}

function time(seconds: number): string {
  if (seconds >= 1) return `${seconds.toFixed(2)} s`;
  if (seconds >= 1e-3) return `${(seconds * 1e3).toFixed(2)} ms`;
  return `${(seconds * 1e6).toFixed(2)} µs`;
}
