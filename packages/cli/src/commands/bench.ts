import { availableParallelism, cpus } from 'node:os';
import { ConfigError, nearest } from '@stratajs/core';
import { Command } from 'commander';
import { wholeNumber } from '../arguments.js';
import { type Comparison, compare } from '../bench/compare.js';
import { measureMemory, MEMORY_BAR, type MemoryUse } from '../bench/memory.js';
import { startSides } from '../bench/sides.js';
import { measureStartup, type Startup, STARTUP_BAR } from '../bench/startup.js';
import { WORKLOADS } from '../bench/workloads.js';
import { table } from '../table.js';

const OTHERS = ['startup', 'memory'];
const PEERS = ['pytorch', 'tfjs'];

interface Options {
  readonly peers: string;
  readonly rounds: number;
  readonly memorySteps: number;
  readonly json?: true;
}

export function benchCommand(): Command {
  const names = [...WORKLOADS.map((w) => w.name), ...OTHERS];
  return new Command('bench')
    .description('Time Strata against its peers, interleaved in one run')
    .argument('[names...]', `what to measure: ${names.join(', ')}; default all`)
    .option('--peers <list>', 'peers to compare with, where installed', PEERS.join(','))
    .option('--rounds <n>', 'interleaved rounds', wholeNumber('--rounds', 3), 9)
    .option(
      '--memory-steps <n>',
      'training steps of the memory measurement',
      wholeNumber('--memory-steps', 100),
      10_000,
    )
    .option('--json', 'print one object')
    .action(async (wanted: string[], options: Options) => {
      check(wanted, names, 'measurement');
      const peers = options.peers.split(',').filter((p) => p !== 'none');
      check(peers, PEERS, 'peer');
      await bench(wanted.length > 0 ? wanted : names, peers, options);
    });
}

async function bench(
  names: readonly string[],
  wanted: readonly string[],
  options: Options,
): Promise<void> {
  const { json } = options;
  const say = json ? (): void => {} : console.log;
  const machine = `${cpus()[0]?.model ?? 'unknown processor'}, ${availableParallelism()} cores, Node ${process.version}`;
  say(`${machine}\n`);
  const workloads = WORKLOADS.filter((w) => names.includes(w.name));
  const comparisons: Comparison[] = [];
  if (workloads.length > 0) {
    const { peers, absent } = startSides(wanted);
    try {
      for (const missing of absent) say(`not compared with ${missing}`);
      for (const workload of workloads) {
        const comparison = await compare(workload, peers, options.rounds);
        comparisons.push(comparison);
        say(`\n${describe(comparison)}`);
      }
    } finally {
      for (const peer of peers) peer.close();
    }
  }
  let startup: Startup | undefined;
  if (names.includes('startup')) {
    startup = measureStartup(options.rounds);
    say(
      `\nstart-up: ${startup.milliseconds.toFixed(0)} ms from the first import to the first product, ` +
        `${startup.importMilliseconds.toFixed(0)} ms of it importing (bar ${STARTUP_BAR} ms; median of ${startup.rounds} processes)`,
    );
  }
  let memory: MemoryUse | undefined;
  if (names.includes('memory')) {
    memory = measureMemory(options.memorySteps);
    say(
      `\nmemory: training LeNet-5 for ${memory.steps} steps, peak ${memory.peakMegabytes.toFixed(0)} MB resident (bar ${MEMORY_BAR} MB); ` +
        `${memory.earlyMegabytes.toFixed(0)} MB after a tenth, ${memory.lateMegabytes.toFixed(0)} MB at the end; ` +
        `${memory.earlyTensors} and ${memory.lateTensors} tensors alive`,
    );
  }
  if (json) console.log(JSON.stringify({ machine, comparisons, startup, memory }, null, 2));
}

function describe({ workload, rounds, sides, failed }: Comparison): string {
  // The best rate of any side in this run stands for what the machine can do.
  const best = Math.max(...sides.map((s) => s.gflops));
  const rows = sides.map((s, i) => [
    s.side,
    s.description,
    s.seconds < 1 ? `${(s.seconds * 1e3).toFixed(3)} ms` : `${s.seconds.toFixed(2)} s`,
    s.gflops.toFixed(1),
    `${((100 * s.gflops) / best).toFixed(0)}%`,
    i === 0 ? '' : s.ratio.toFixed(3),
  ]);
  const head = [
    'side',
    'what ran',
    `time per ${workload.unit}`,
    'GFLOP/s',
    'of the best',
    'ours / theirs',
  ];
  const notes = failed.map((f) => `${f.side} cannot: ${f.reason}`);
  const title = `${workload.title}: ${(workload.flops / 1e6).toFixed(1)} MFLOP, ${(workload.bytes / 1e6).toFixed(1)} MB, bar ≤ ${workload.bar.toFixed(2)} of PyTorch's time (median of ${rounds})`;
  return [title, table(head, rows), ...notes].join('\n');
}

function check(names: readonly string[], known: readonly string[], what: string): void {
  for (const name of names) {
    if (!known.includes(name))
      throw new ConfigError(`Unknown ${what}. Received: '${name}'.${nearest(name, known)}`);
  }
}
