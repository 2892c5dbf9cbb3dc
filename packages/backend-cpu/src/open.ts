import type { DeviceInfo, OpenBackend } from '@stratajs/core';
import {
  getKernelsForBackend,
  type KernelFunc,
  registerBackend,
  registerKernel,
  removeBackend,
  unregisterKernel,
} from '@tensorflow/tfjs-core';
import { StrataCpuBackend } from './backend.js';
import { honestDtypes } from './javascript/honest-dtypes.js';
import { javascriptKernels } from './javascript/kernels.js';
import { sort } from './javascript/sort.js';
import { nativeKernels } from './kernels/index.js';
import type { Runtime } from './kernels/kernel.js';
import { ENGINE, origins } from './kernel-table.js';
import { compilerFor } from './program/compiler.js';
import { BufferPool } from './storage/buffer-pool.js';
import { withMemoryErrors } from './storage/memory-errors.js';
import type { ChosenTier } from './tier.js';
import { registerWasmEngine, startThreads } from './wasm/open.js';
import type { WasmProgram } from './wasm/program.js';

/** Registers the engine and its kernels with tfjs. */
export async function openEngine(chosen: ChosenTier): Promise<OpenBackend> {
  // Importing it registers 'cpu' and its kernels with tfjs, which is why it waits until here.
  await chosen.platform.loadJavascriptKernels();
  const javascript = javascriptTable();
  const { description, compile, stop } =
    chosen.tier.name === 'wasm'
      ? await startWasm(chosen, chosen.tier.program, javascript)
      : start(chosen, javascript);
  return {
    describe: () => description,
    ...(compile && { compile }),
    async close() {
      removeBackend(ENGINE);
      // Composites that core added go too: another tier may bring kernels of its own.
      for (const { kernelName } of getKernelsForBackend(ENGINE)) {
        unregisterKernel(kernelName, ENGINE);
      }
      origins.clear();
      stop?.();
    },
  };
}

/** tfjs's kernels, the slowest of them replaced, and one that core would otherwise compose of hundreds. */
function javascriptTable(): Map<string, KernelFunc> {
  const table = new Map(
    getKernelsForBackend('cpu').map(({ kernelName, kernelFunc }) => [kernelName, kernelFunc]),
  );
  const tfjs = (name: string): KernelFunc => table.get(name) as KernelFunc;
  const own = Object.entries(javascriptKernels(tfjs));
  for (const [name, kernel] of own) table.set(name, kernel);
  table.set('StrataSort', sort);
  for (const name of ['Cast', 'MaxPoolWithArgmax']) table.set(name, honestDtypes(tfjs(name)));
  return table;
}

function addNative(kernels: Map<string, KernelFunc>, runtime: Runtime): void {
  for (const [name, make] of Object.entries(nativeKernels)) {
    const own = make(runtime);
    const javascript = kernels.get(name);
    kernels.set(name, (args) => {
      const { inputs, attrs } = args;
      const result = own(inputs as never, (attrs ?? {}) as never);
      if (result !== undefined) return result;
      if (javascript === undefined)
        throw new Error(`${name} covers none of these dtypes and shapes.`);
      return javascript(args);
    });
    origins.set(name, 'native');
  }
}

interface Started {
  readonly description: DeviceInfo;
  readonly compile?: NonNullable<OpenBackend['compile']>;
  /** Ends what runs beside this thread. */
  readonly stop?: () => void;
}

/** The tiers that compute in memory of JavaScript's: with native kernels and without. */
function start(chosen: ChosenTier, javascript: ReadonlyMap<string, KernelFunc>): Started {
  const { tier, settings, platform, whyNotHigher } = chosen;
  const addon = tier.name === 'native' ? tier.addon : null;
  const isa = addon === null ? '' : (settings.isa ?? (addon.supported()[0] as string));
  const pool = addon && new BufferPool((n) => addon.allocate(n), platform.totalMemory() / 4);
  const backend = new StrataCpuBackend(pool);
  const kernels = new Map(javascript);
  for (const name of kernels.keys()) origins.set(name, 'javascript');
  if (addon !== null) {
    const native = addon.kernels(isa);
    addNative(kernels, { native, backend, late: (read) => read() });
  }
  registerBackend(ENGINE, () => backend);
  for (const [kernelName, kernelFunc] of kernels) {
    registerKernel({ kernelName, backendName: ENGINE, kernelFunc: withMemoryErrors(kernelFunc) });
  }
  const processor = platform.describeProcessor();
  if (addon === null) {
    const description = `${processor}, plain JavaScript`;
    return { description: { tier: 'javascript', description, whyNotHigher, threads: 1 } };
  }
  addon.setThreads(settings.threads ?? platform.availableParallelism());
  const threads = addon.threads();
  const description = `${processor}, ${isa}, ${threads} ${threads === 1 ? 'thread' : 'threads'}`;
  return {
    description: { tier: 'native', description, whyNotHigher: null, isa, threads },
    compile: compilerFor({ addon, isa, backend, totalMemory: platform.totalMemory() }),
  };
}

async function startWasm(
  { settings, platform, whyNotHigher }: ChosenTier,
  program: WasmProgram,
  javascript: ReadonlyMap<string, KernelFunc>,
): Promise<Started> {
  const { simd } = program;
  const wasm = await program.start();
  const threads = startThreads(wasm, settings.threads);
  registerWasmEngine(wasm, javascript);
  const description =
    `${platform.describeProcessor()}, WebAssembly ${simd ? 'with' : 'without'} SIMD, ` +
    `${threads} ${threads === 1 ? 'thread' : 'threads'}`;
  return {
    description: { tier: 'wasm', description, whyNotHigher, simd, threads },
    stop: () => wasm.PThread?.terminateAllThreads(),
  };
}
