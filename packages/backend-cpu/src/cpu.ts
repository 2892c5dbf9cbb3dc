import { BackendError, type BackendPlugin, PLUGIN_SPEC } from '@stratajs/core';
import { openEngine } from './open.js';
import { type Isa, settingsOf, type Tier } from './options.js';
import { type ChosenTier, chooseTier } from './tier.js';

export interface CpuOptions {
  /**
   * Insist on a tier. Default: 'native' where the addon loads, else 'wasm' where WebAssembly and its
   * files are, else 'javascript'; STRATA_CPU_TIER overrides the default.
   */
  readonly tier?: Tier;
  /** Threads that compute, 1 to 256. Default: STRATA_THREADS, else every core this process may use. */
  readonly threads?: number;
  /** Instruction set of the native tier. Default: STRATA_ISA, else the best that this processor has. */
  readonly isa?: Isa;
  /**
   * Where the `.wasm` files of @tensorflow/tfjs-backend-wasm lie: a folder in Node, an address in a
   * browser. Default: inside that package in Node, beside this script in a browser.
   */
  readonly wasmPath?: string;
}

/**
 * The CPU engine, for `use()`. It always runs: without the native addon tfjs's WebAssembly computes,
 * without that its JavaScript, and `describe()` says why.
 *
 * Threads and instruction set belong to the process: the engine opened last sets them for all.
 *
 * @throws ConfigError for an unknown option or value, here or in the environment.
 */
export function cpu(options: CpuOptions = {}): BackendPlugin {
  const settings = settingsOf(options);
  // What probe() found, for the open() that follows: the WASM tier reads and compiles its program to find out.
  let found: Promise<ChosenTier> | undefined;
  return {
    spec: PLUGIN_SPEC,
    name: 'strata-cpu',
    kind: 'backend',
    gaps: {},
    async probe() {
      found = chooseTier(settings);
      return (await found).refusal;
    },
    async open() {
      const chosen = await (found ?? chooseTier(settings));
      found = undefined;
      if (chosen.refusal !== null) throw new BackendError(chosen.refusal);
      return openEngine(chosen);
    },
  };
}
