/** Strata against tfjs-layers, the same network on the same kind of engine, in one page. */
import { type Comparison, compare } from '../compare.js';
import type { Side } from '../sides.js';
import { training } from '../workloads/training.js';
import type { Workload } from '../workloads/workload.js';
import type { BrowserEngine, Pages } from './pages.js';

export interface BrowserComparison {
  readonly engine: BrowserEngine;
  readonly comparison: Comparison;
  /** The most that our time may be, as a multiple of theirs; null where they cannot train. */
  readonly bar: number | null;
}

const WORK = ['mlp-step', 'mlp-step-compiled', 'lenet5-step', 'lenet5-step-compiled'];
const [OURS, THEIRS] = ['strata', 'tfjs-layers'];
const EAGER_BAR = 1;
const REPLAYED_BAR = 0.8;

export async function compareInBrowser(
  pages: Pages,
  engine: BrowserEngine,
  rounds: number,
  tell: (comparison: BrowserComparison) => void,
): Promise<BrowserComparison[]> {
  const comparisons: BrowserComparison[] = [];
  for (const name of WORK) {
    // PyTorch's bar has no meaning here.
    const { bar: _, ...workload } = training.find((w) => w.name === name)!;
    const page = await pages.open(engine);
    try {
      const [ours, theirs] = page.contenders.map((peer, i) => side(peer, i)) as [Side, Side];
      const comparison = await compare(workload satisfies Workload, [ours, theirs], rounds);
      const bar = name.endsWith('-compiled') ? REPLAYED_BAR : EAGER_BAR;
      comparisons.push({ engine, comparison, bar: sideOf(comparison, THEIRS) ? bar : null });
      tell(comparisons.at(-1)!);
    } finally {
      await page.close();
    }
  }
  return comparisons;
}

const side = (peer: Side['peer'], index: number): Side => ({
  peer,
  project: index === 0 ? 'strata' : 'tfjs',
  threads: 1,
  runs: () => true,
});

function sideOf(comparison: Comparison, side: string): Comparison['sides'][number] | undefined {
  return comparison.sides.find((s) => s.side === side);
}

/** One line for each, in Markdown. */
export function browserTable(comparisons: readonly BrowserComparison[]): string {
  const head = ['work', 'engine', 'ours', 'tfjs-layers', 'bar', 'ours / theirs', 'met'];
  const milliseconds = (seconds: number | undefined): string =>
    seconds === undefined ? 'cannot' : `${(1000 * seconds).toFixed(1)} ms`;
  const rows = comparisons.map(({ engine, comparison, bar }) => {
    const [ours, theirs] = [sideOf(comparison, OURS), sideOf(comparison, THEIRS)];
    const ratio = ours && theirs?.ratio;
    return [
      comparison.workload.title,
      engine,
      milliseconds(ours?.seconds),
      milliseconds(theirs?.seconds),
      bar === null ? '' : `≤ ${bar.toFixed(2)}`,
      ratio?.toFixed(3) ?? '',
      bar === null ? '' : ratio !== undefined && ratio <= bar ? 'yes' : 'no',
    ];
  });
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  const rule = head.map((_, i) => (i < 2 ? '---' : '---:'));
  return [line(head), line(rule), ...rows.map(line)].join('\n');
}
