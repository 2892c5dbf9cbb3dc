/** Compiles programs for the native tier. */
import type { Executable, Program } from '@stratajs/core';
import type { StrataCpuBackend } from '../backend.js';
import type { Addon, NativeProgram } from '../native.js';
import type { NumericArray } from '../storage/data-table.js';
import { outOfMemory } from '../storage/memory-errors.js';
import { type Arena, arenaOf } from './arena.js';
import { Encoder, type Location } from './encode.js';
import { fused, type Group, type Step } from './fuse.js';
import { type LiveDraw, type Plan, planOf } from './plan.js';
import type { PlannedBuffer } from './planned-array.js';
import { buffersOf, type HostCall, type NativeCall } from './planned-program.js';
import { Run } from './run.js';

export interface NativeEngine {
  readonly addon: Addon;
  readonly isa: string;
  readonly backend: StrataCpuBackend;
  /** Of the machine, in bytes. */
  readonly totalMemory: number;
}

/** Native calls that run together, or a kernel that JavaScript runs. */
export type Stage =
  | {
      readonly kind: 'native';
      readonly run: NativeProgram;
      /** The kernels whose work its calls are, for errors. */
      readonly kernels: readonly string[];
      readonly buffers: readonly PlannedBuffer[];
    }
  | { readonly kind: 'host'; readonly call: HostCall['call'] };

/** What a run works through. */
export interface Compiled {
  readonly program: Program;
  readonly plan: Plan;
  readonly draws: readonly LiveDraw[];
  readonly stages: readonly Stage[];
  readonly late: readonly (() => number)[];
  readonly arenaBytes: number;
  readonly literals: Uint8Array;
  /** Buffers that each run is given or makes: their places among the arrays of a native call. */
  readonly places: ReadonlyMap<PlannedBuffer, number>;
}

/** The arena and the literals come first among the arrays of a native call. */
const ARENA = 0;
const LITERALS = 1;

export function compilerFor(engine: NativeEngine): (program: Program) => Executable {
  const arena = new SharedArena(engine);
  return (program) => {
    const compiled = compile(engine, program);
    arena.reserve(compiled.arenaBytes);
    const run = new Run(engine, compiled, () => arena.values);
    return {
      run: (args) => run.run(args),
      dispose: () => arena.release(),
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

function compile({ addon, isa, backend }: NativeEngine, program: Program): Compiled {
  const draws = program.draws.map((): LiveDraw => ({ key: [], counter: [] }));
  const plan = planOf(program, draws, (info) => backend.values(info));
  const lasting = lastingBuffers(program, plan);
  const isTemporary = (buffer: PlannedBuffer): boolean => !lasting.has(buffer);
  const steps = fused(plan.calls, isTemporary);
  const arena = arenaOf(steps, isTemporary);
  const places = new Map<PlannedBuffer, number>();
  const encoder = new Encoder(LITERALS, (buffer) => locationOf(buffer, arena, places));
  const parts = stagesOf(steps).map((part) =>
    part.kind === 'host' ? part : { steps: part.steps, code: encoder.encode(part.steps) },
  );
  const header = [places.size + 2, encoder.late.length];
  const stages = parts.map((part): Stage => {
    if (!('code' in part)) return { kind: 'host', call: part.call };
    const calls = part.steps.flatMap((step) =>
      step.kind === 'native' ? [step] : step.members.map(({ call }) => call),
    );
    return {
      kind: 'native',
      run: addon.program(isa, encoder.names, Float64Array.from([...header, ...part.code])),
      kernels: calls.map(({ kernel }) => kernel),
      buffers: [...new Set(calls.flatMap((call) => [...buffersOf(call)]))].filter((buffer) =>
        places.has(buffer),
      ),
    };
  });
  return {
    ...{ program, plan, draws, stages, places },
    late: encoder.late,
    arenaBytes: arena.bytes,
    literals: encoder.literalArray(),
  };
}

function locationOf(
  buffer: PlannedBuffer,
  { offsetOf }: Arena,
  places: Map<PlannedBuffer, number>,
): Location {
  const offset = offsetOf.get(buffer);
  if (offset !== undefined) return { buffer: ARENA, offset };
  let place = places.get(buffer);
  if (place === undefined) {
    place = LITERALS + 1 + places.size;
    places.set(buffer, place);
  }
  return { buffer: place, offset: 0 };
}

/** Buffers that somebody but native calls sees: what a run is given, what it gives, and what JavaScript's kernels take and make. */
function lastingBuffers(program: Program, { calls, bufferOf }: Plan): Set<PlannedBuffer> {
  const lasting = new Set<PlannedBuffer>();
  const add = (value: number): void => void lasting.add(bufferOf[value]!);
  program.values.forEach(({ source }, value) => {
    if (source.kind !== 'result') add(value);
  });
  program.outputs.forEach(add);
  for (const instruction of program.instructions) {
    if (instruction.kind === 'write') add(instruction.value);
  }
  for (const planned of calls) {
    if (planned.kind === 'native') continue;
    Object.values(planned.call.inputs).forEach(add);
    planned.call.outputs.forEach(add);
  }
  return lasting;
}

type Part = HostCall | { readonly kind: 'native'; readonly steps: (NativeCall | Group)[] };

/** Steps between kernels of JavaScript's, together. */
function stagesOf(steps: readonly Step[]): Part[] {
  const parts: Part[] = [];
  for (const step of steps) {
    const last = parts.at(-1);
    if (step.kind === 'host') parts.push(step);
    else if (last?.kind === 'native') last.steps.push(step);
    else parts.push({ kind: 'native', steps: [step] });
  }
  return parts;
}
