/** Gives every buffer of a planned program its place, and turns its calls into what a run works through. */
import type { ExecutableExplanation, Program } from '@stratajs/core';
import { isNumeric } from '../kernels/kernel.js';
import { arenaOf } from './arena.js';
import type { NativeEngine } from './compiler.js';
import { Encoder } from './encode.js';
import { callsOfGroup, fused, type Group, type Step } from './fuse.js';
import type { Linked, Slotted, Stage, Start } from './linked.js';
import { withNeighbours } from './order.js';
import { type LiveDraw, type Plan, planOf } from './plan.js';
import type { PlannedBuffer } from './planned-array.js';
import { buffersOf, type HostCall, type NativeCall } from './planned-program.js';
import { Slots } from './slots.js';

/** The arena and the literals come first among the arrays of a native call. */
export const FIRST_SLOT = 2;
const ARENA = 0;
const LITERALS = 1;
/** Constants of up to so many bytes become literals: an array more costs every run. */
const MOST_LITERAL = 4096;

export function link({ addon, isa, backend }: NativeEngine, recorded: Program): Linked {
  const program = withNeighbours(recorded);
  const draws = program.draws.map((): LiveDraw => ({ key: [], counter: [] }));
  const plan = planOf(program, draws, (info) => backend.values(info));
  const { bufferOf } = plan;
  const lasting = lastingBuffers(program, plan);
  const isTemporary = (buffer: PlannedBuffer): boolean => !lasting.has(buffer);
  const steps = fused(plan.calls, isTemporary);
  const { offsetOf, bytes: arenaBytes } = arenaOf(steps, isTemporary);
  const slots = new Slots(program, bufferOf);

  const encoder = new Encoder(LITERALS, (buffer) => {
    const offset = offsetOf.get(buffer);
    if (offset !== undefined) return { buffer: ARENA, offset };
    if (buffer.known !== undefined && buffer.known.byteLength <= MOST_LITERAL)
      return encoder.literal(buffer.known);
    return { buffer: FIRST_SLOT + slots.numberOf(buffer), offset: 0 };
  });
  const parts = partsOf(steps);
  const codes = parts.map((part) => (part.kind === 'native' ? encoder.encode(part.steps) : []));
  const nativeSlots = slots.count;
  const header = [FIRST_SLOT + nativeSlots, encoder.late.length];

  const outputs = program.outputs.map((value) => slots.of(value));
  const written = [...plan.written].map(([state, value]) => ({ state, next: slots.of(value) }));
  for (const part of parts) {
    if (part.kind === 'host') Object.values(part.call.inputs).forEach((value) => slots.of(value));
  }
  const starts = startsOf(program, plan, slots);
  slots.has(starts);
  const stages = parts.map((part, at): Stage => {
    if (part.kind === 'host') return hostStage(part, slots, bufferOf);
    const calls = callsOf(part.steps);
    const run = addon.program(isa, encoder.names, Float64Array.from([...header, ...codes[at]!]));
    const makes = slots.missing(new Set(calls.flatMap((call) => [...buffersOf(call)])));
    return { kind: 'native', run, kernels: calls, makes, ends: [] };
  });
  const results = [...program.outputs, ...plan.written.values()].map((value) => bufferOf[value]!);
  const empty = slots.missing(results);
  const kept = [...starts, ...outputs, ...written.map(({ next }) => next)];
  const holder = new Map(starts.map(({ source, slot }) => [slot, source]));
  return {
    program,
    draws,
    late: encoder.late,
    explanation: explanationOf(steps, arenaBytes),
    literals: encoder.literalArray(),
    slots: slots.count,
    nativeSlots,
    starts,
    stages: withEnds(stages, parts, slots, new Set(kept.map(({ slot }) => slot))),
    empty,
    outputs,
    writes: written.filter(({ state, next }) => {
      const source = holder.get(next.slot);
      return !(source?.kind === 'state' && source.state === state);
    }),
  };
}

function explanationOf(steps: readonly Step[], arenaBytes: number): ExecutableExplanation {
  const parts = partsOf(steps);
  const native = parts.flatMap((part) => (part.kind === 'native' ? [part] : []));
  const groups = steps.filter((step) => step.kind === 'group');
  return {
    fusedGroups: groups.length,
    followingGroups: groups.filter(({ producer }) => producer !== null).length,
    nativeStages: native.length,
    nativeCalls: native.reduce((sum, part) => sum + callsOf(part.steps).length, 0),
    arenaBytes,
    hostKernels: Object.fromEntries(
      parts.flatMap((part) => (part.kind === 'host' ? [[part.call.name, part.why]] : [])),
    ),
  };
}

/** What a run is given. Constants that became literals are there already. */
function startsOf({ values }: Program, { bufferOf, overwritten }: Plan, slots: Slots): Start[] {
  return values.flatMap(({ source, dtype }, value) => {
    if (source.kind === 'result') return [];
    const buffer = bufferOf[value]!;
    const unused = slots.find(buffer) === undefined && isNumeric(dtype);
    if (source.kind === 'constant' && unused) return [];
    return [{ ...slots.of(value), source, overwritten: overwritten.has(buffer) }];
  });
}

function hostStage({ call }: HostCall, slots: Slots, bufferOf: readonly PlannedBuffer[]): Stage {
  const values: readonly number[] = Object.values(call.inputs);
  const inputs = Array.isArray(call.inputs)
    ? values.map((value) => slots.of(value))
    : Object.fromEntries(Object.entries(call.inputs).map(([name, v]) => [name, slots.of(v)]));
  const makes = slots.missing(values.map((value) => bufferOf[value]!));
  const outputs = call.outputs.map((value) => slots.of(value));
  slots.has(outputs);
  return { kind: 'host', call, inputs, outputs, makes, ends: [] };
}

/** Tells each stage which slots nothing needs after it; those in `kept` outlive all. */
function withEnds(
  stages: readonly Stage[],
  parts: readonly Part[],
  slots: Slots,
  kept: ReadonlySet<number>,
): Stage[] {
  const last = new Map<number, number>();
  stages.forEach((stage, at) => {
    const part = parts[at]!;
    const mentioned: Slotted['slot'][] =
      stage.kind === 'host'
        ? [...Object.values(stage.inputs), ...stage.outputs].map(({ slot }: Slotted) => slot)
        : callsOf((part as NativePart).steps).flatMap((call) =>
            [...buffersOf(call)].flatMap((buffer) => slots.find(buffer) ?? []),
          );
    for (const slot of mentioned) if (!kept.has(slot)) last.set(slot, at);
  });
  const ends = stages.map((): number[] => []);
  for (const [slot, at] of last) ends[at]!.push(slot);
  return stages.map((stage, at) => ({ ...stage, ends: ends[at]! }));
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

interface NativePart {
  readonly kind: 'native';
  readonly steps: (NativeCall | Group)[];
}
type Part = HostCall | NativePart;

/** Steps between kernels of JavaScript's, together. */
function partsOf(steps: readonly Step[]): Part[] {
  const parts: Part[] = [];
  for (const step of steps) {
    const last = parts.at(-1);
    if (step.kind === 'host') parts.push(step);
    else if (last?.kind === 'native') last.steps.push(step);
    else parts.push({ kind: 'native', steps: [step] });
  }
  return parts;
}

function callsOf(steps: readonly (NativeCall | Group)[]): NativeCall[] {
  return steps.flatMap((step) => (step.kind === 'native' ? [step] : callsOfGroup(step)));
}
