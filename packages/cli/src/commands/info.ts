import { cpus, totalmem } from 'node:os';
import { kernelTable, whyJavascript } from '@stratajs/backend-cpu';
import { closeBackends, use } from '@stratajs/core';
import { listDatasets } from '@stratajs/data';
import { Command } from 'commander';
import { ENGINES } from '../engine.js';
import { table } from '../table.js';
import { version } from '../version.js';

export function infoCommand(): Command {
  return new Command('info')
    .description('Say which engines can run here, which would be used, and why')
    .option('--kernels', 'how each kernel runs, and why not natively')
    .option('--json', 'print one object')
    .action(async ({ kernels, json }: { kernels?: true; json?: true }) => {
      const info = await gather(kernels ?? false);
      if (json) console.log(JSON.stringify(info, null, 2));
      else print(info);
    });
}

interface Engine {
  readonly name: string;
  /** Why it cannot run here, or null. */
  readonly unavailable: string | null;
}

interface KernelWay {
  readonly runs: string;
  /** On the native tier, why in JavaScript; else null. */
  readonly why: string | null;
}

interface Info {
  readonly version: string;
  readonly node: string;
  readonly platform: string;
  readonly processor: string;
  readonly memoryGigabytes: number;
  readonly engines: readonly Engine[];
  /** The engine that the commands use. */
  readonly used: { readonly name: string; readonly [fact: string]: unknown };
  readonly dataSets: readonly string[];
  readonly kernels?: Readonly<Record<string, KernelWay>>;
}

async function gather(withKernels: boolean): Promise<Info> {
  const plugins = Object.values(ENGINES).map((make) => make());
  const engines: Engine[] = [];
  for (const plugin of plugins) {
    engines.push({ name: plugin.name, unavailable: await plugin.probe() });
  }
  const { name, info } = await use(...plugins);
  const kernels = withKernels ? { kernels: kernelWays(info.tier === 'native') } : {};
  await closeBackends();
  return {
    version,
    node: process.version,
    platform: `${process.platform}-${process.arch}`,
    processor: cpus()[0]?.model ?? 'unknown',
    memoryGigabytes: Math.round(totalmem() / 2 ** 30),
    engines,
    used: { name, ...info },
    dataSets: listDatasets().map((d) => d.name),
    ...kernels,
  };
}

function kernelWays(native: boolean): Record<string, KernelWay> {
  const why = (name: string, runs: string): string | null =>
    native && runs === 'javascript' ? whyJavascript(name) : null;
  const table = Object.entries(kernelTable());
  return Object.fromEntries(table.map(([name, runs]) => [name, { runs, why: why(name, runs) }]));
}

function print(info: Info): void {
  const { used } = info;
  console.log(`Strata ${info.version} on Node ${info.node}, ${info.platform}, ${info.processor}\n`);
  console.log(
    table(
      ['engine', 'can run here'],
      info.engines.map((e) => [e.name, e.unavailable ?? 'yes']),
    ),
  );
  console.log(`\nused: ${used.name}`);
  for (const [fact, value] of Object.entries(used)) {
    if (fact !== 'name' && value !== null) console.log(`  ${fact}: ${String(value)}`);
  }
  console.log(`\ndata sets: ${info.dataSets.join(', ')}`);
  if (info.kernels) {
    const rows = Object.entries(info.kernels).map(([name, { runs, why }]) => [
      name,
      runs,
      why ?? '',
    ]);
    console.log(`\n${table(['kernel', 'runs', 'why not natively'], rows)}`);
    if (info.used['tier'] === 'native') {
      console.log(
        '\nnative kernels leave dtypes and layouts that they lack (NCHW, for one) to JavaScript',
      );
    }
  }
}
