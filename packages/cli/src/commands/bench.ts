import { availableParallelism, cpus } from 'node:os';
import { ConfigError, nearest } from '@stratajs/core';
import { Command } from 'commander';
import { wholeNumber } from '../arguments.js';
import {
  type BrowserComparison,
  browserTable,
  compareInBrowser,
} from '../bench/browser/compare-in-browser.js';
import { type BrowserEngine, openPages } from '../bench/browser/pages.js';
import { type Comparison, compare } from '../bench/compare.js';
import { measureMemory, MEMORY_BAR, type MemoryUse } from '../bench/memory.js';
import { comparisonTable, summaryTable } from '../bench/report.js';
import { startSides } from '../bench/sides.js';
import { measureStartup, type Startup, STARTUP_BAR } from '../bench/startup.js';
import { measureStepMemory, type StepMemory, stepMemoryLine } from '../bench/step-memory.js';
import { measurePeak, type Peak, summarize, type Summary } from '../bench/summary.js';
import { WORKLOADS } from '../bench/workloads/index.js';

const BROWSER = 'browser-';
const BROWSER_ENGINES: readonly BrowserEngine[] = ['webgl', 'webgpu', 'wasm'];
const OTHERS = ['startup', 'memory', 'step-memory', ...BROWSER_ENGINES.map((e) => BROWSER + e)];
const PEERS = ['pytorch', 'tfjs'];
const ISAS = ['avx512', 'avx2', 'neon', 'generic'];

interface Options {
  readonly peers: string;
  readonly rounds: number;
  readonly threads?: number;
  readonly isa?: string;
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
    .option('--threads <n>', 'threads of our side; default every core', wholeNumber('--threads', 1))
    .option('--isa <name>', `instruction set of our side: ${ISAS.join(', ')}; default the best`)
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
      if (options.isa !== undefined) check([options.isa], ISAS, 'instruction set');
      await bench(wanted.length > 0 ? wanted : names, peers, options);
    });
}

async function bench(
  names: readonly string[],
  peers: readonly string[],
  options: Options,
): Promise<void> {
  const { json } = options;
  const say = json ? (): void => {} : console.log;
  const machine = `${cpus()[0]?.model ?? 'unknown processor'}, ${availableParallelism()} cores, Node ${process.version}`;
  say(`${machine}\n`);
  const { comparisons, summaries, peak } = await compareAll(names, peers, options, say);
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
  let stepMemory: StepMemory | undefined;
  if (names.includes('step-memory')) {
    stepMemory = measureStepMemory();
    say(`\n${stepMemoryLine(stepMemory)}`);
  }
  const browser = await compareBrowsers(names, options, say);
  if (json) {
    console.log(
      JSON.stringify(
        { machine, peak, summaries, comparisons, startup, memory, stepMemory, browser },
        null,
        2,
      ),
    );
  }
}

async function compareBrowsers(
  names: readonly string[],
  { rounds }: Options,
  say: (text: string) => void,
): Promise<readonly BrowserComparison[]> {
  const engines = BROWSER_ENGINES.filter((e) => names.includes(BROWSER + e));
  if (engines.length === 0) return [];
  const pages = await openPages();
  if (typeof pages === 'string') {
    say(`\nnot compared in a browser: ${pages}`);
    return [];
  }
  try {
    const all: BrowserComparison[] = [];
    for (const engine of engines) {
      const tell = ({ comparison }: BrowserComparison): void =>
        say(`\n${comparisonTable(comparison)}`);
      all.push(...(await compareInBrowser(pages, engine, rounds, tell)));
    }
    say(`\n${browserTable(all)}`);
    return all;
  } finally {
    await pages.close();
  }
}

interface Compared {
  readonly comparisons: readonly Comparison[];
  readonly summaries: readonly Summary[];
  readonly peak?: Peak;
}

async function compareAll(
  names: readonly string[],
  peers: readonly string[],
  { threads, isa, rounds }: Options,
  say: (text: string) => void,
): Promise<Compared> {
  const workloads = WORKLOADS.filter((w) => names.includes(w.name));
  const comparisons: Comparison[] = [];
  const summaries: Summary[] = [];
  if (workloads.length === 0) return { comparisons, summaries };
  const { sides, absent } = startSides({ peers, threads, isa });
  try {
    for (const missing of absent) say(`not compared with ${missing}`);
    const peak = await measurePeak(sides, rounds);
    say(
      `peaks of this machine: ${peak.gflops.toFixed(1)} GFLOP/s (product of 2048² matrices), ` +
        `${peak.gigabytesPerSecond.toFixed(1)} GB/s (copy of 256 MiB)`,
    );
    for (const workload of workloads) {
      const comparison = await compare(workload, sides, rounds);
      comparisons.push(comparison);
      say(`\n${comparisonTable(comparison)}`);
      const summary = summarize(comparison, peak);
      if (summary) summaries.push(summary);
    }
    say(`\n${summaryTable(summaries)}`);
    return { comparisons, summaries, peak };
  } finally {
    for (const { peer } of sides) peer.close();
  }
}

function check(names: readonly string[], known: readonly string[], what: string): void {
  for (const name of names) {
    if (!known.includes(name))
      throw new ConfigError(`Unknown ${what}. Received: '${name}'.${nearest(name, known)}`);
  }
}
