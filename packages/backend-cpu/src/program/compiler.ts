/** Compiles programs for the native tier. */
import type { Executable, Program } from '@stratajs/core';
import type { StrataCpuBackend } from '../backend.js';
import type { Addon } from '../native.js';
import type { NumericArray } from '../storage/data-table.js';
import { outOfMemory } from '../storage/memory-errors.js';
import { link } from './link.js';
import { Run } from './run.js';

export interface NativeEngine {
  readonly addon: Addon;
  readonly isa: string;
  readonly backend: StrataCpuBackend;
  /** Of the machine, in bytes. */
  readonly totalMemory: number;
}

export function compilerFor(engine: NativeEngine): (program: Program) => Executable {
  const arena = new SharedArena(engine);
  return (program) => {
    const linked = link(engine, program);
    // What the recording has used waits there, and no run will ask for it.
    engine.backend.pool?.clear();
    arena.reserve(linked.explanation.arenaBytes);
    const run = new Run(engine.backend, linked, () => arena.values);
    return {
      run: (args) => run.run(args),
      dispose: () => arena.release(),
      explain: () => linked.explanation,
    };
  };
}

/** One piece of memory for the temporary results of all programs: they run one after the other. */
class SharedArena {
  values: NumericArray = new Uint8Array(0);
  private programs = 0;
  private readonly engine: NativeEngine;

  constructor(engine: NativeEngine) {
    this.engine = engine;
  }

  /** @throws BackendError when there is not so much memory. */
  reserve(bytes: number): void {
    const wanted = `the temporary results of a compiled program, ${(bytes / 2 ** 20).toFixed(1)} MiB`;
    if (bytes > this.engine.totalMemory) throw outOfMemory(wanted, undefined);
    if (bytes > this.values.length) {
      this.values = new Uint8Array(0);
      try {
        this.values = new Uint8Array(this.engine.addon.allocate(bytes));
      } catch (error) {
        throw outOfMemory(wanted, error);
      }
    }
    this.programs++;
  }

  /** Memory goes with the last program. */
  release(): void {
    this.programs--;
    if (this.programs === 0) this.values = new Uint8Array(0);
  }
}
