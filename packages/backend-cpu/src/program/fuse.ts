/** Joins native calls that work element by element or row by row into groups, which run block by block. */
import { type Elementwise, elementwise, mayBecome, type Part } from './elementwise.js';
import type { PlannedBuffer } from './planned-array.js';
import { buffersOf, type HostCall, type NativeCall, type PlannedCall } from './planned-program.js';
import { followed } from './producers.js';

/** Calls over the same rows of elements. */
export interface Group {
  readonly kind: 'group';
  /** Computes what the group takes up, row by row; null where all of it is there already. */
  readonly producer: { readonly call: NativeCall; readonly result: PlannedBuffer } | null;
  readonly members: readonly Elementwise[];
  readonly rows: number;
  readonly blockRows: number;
  /** Blocks that one thread takes at a time. */
  readonly grain: number;
  /** Results that nothing outside the group reads: where they lie in memory that a block has for them, in bytes. */
  readonly own: ReadonlyMap<PlannedBuffer, number>;
  readonly ownBytes: number;
}

export type Step = NativeCall | HostCall | Group;

/** Elements of a block: results of some calls fit into a first-level cache, and a call's own cost is small against them. */
const BLOCK = 2048;
/** A longer row is not divided, and would make blocks that do not fit. */
const LONGEST_ROW = 8192;
/** Elements that one thread computes at a time, so that handing them out does not count. */
const PIECE = 65_536;
const LINE = 64;

/** @param isTemporary whether a buffer holds nothing before the program, and nobody asks for it afterwards. */
export function fused(
  calls: readonly PlannedCall[],
  isTemporary: (buffer: PlannedBuffer) => boolean,
): Step[] {
  const { first, last } = mentions(calls);
  const steps: Step[] = [];
  let open: Elementwise[] = [];
  let rows: number | null = null;
  let uses = new Uses();
  let begin = 0;
  const close = (end: number): void => {
    const inside = (buffer: PlannedBuffer): boolean =>
      isTemporary(buffer) && first.get(buffer)! >= begin && last.get(buffer)! < end;
    const producer = open.length > 0 ? producerOf(open, steps.at(-1)) : null;
    if (producer !== null) steps.pop();
    if (open.length > 1 || producer !== null)
      steps.push(groupOf(open, rows ?? open[0]!.elements, inside, producer));
    else steps.push(...open.map(({ call }) => call));
    open = [];
    rows = null;
    uses = new Uses();
  };
  calls.forEach((call, i) => {
    const next = call.kind === 'native' ? elementwise(call) : null;
    const divides =
      next !== null && (next.rows === null || next.elements / next.rows <= LONGEST_ROW);
    const fits =
      divides &&
      open.length > 0 &&
      next.elements === open[0]!.elements &&
      (rows === null || next.rows === null || next.rows === rows) &&
      uses.allow(next);
    if (!fits) {
      close(i);
      begin = i;
    }
    if (divides) {
      open.push(next);
      uses.add(next);
      rows ??= next.rows;
    } else {
      steps.push(call);
    }
  });
  close(calls.length);
  return steps;
}

function producerOf(members: readonly Elementwise[], before: Step | undefined): Group['producer'] {
  if (before?.kind !== 'native') return null;
  const result = followed(before, members);
  return result === undefined ? null : { call: before, result };
}

/**
 * How the calls of a group use each buffer. What one of them writes must be there when another reads it: the same rows, block
 * by block.
 */
class Uses {
  private readonly uses: Map<PlannedBuffer, { perRow: number; written: boolean }> = new Map();

  allow({ parts }: Elementwise): boolean {
    return parts.every((part) => {
      const other = this.uses.get(part.place.buffer);
      if (other === undefined || !(other.written || part.written)) return true;
      return other.perRow === perRowOf(part);
    });
  }

  add({ parts }: Elementwise): void {
    for (const part of parts) {
      const before = this.uses.get(part.place.buffer);
      const written = part.written || before?.written === true;
      this.uses.set(part.place.buffer, { perRow: perRowOf(part), written });
    }
  }
}

/** −1 for all elements of a row, however many that will be. */
function perRowOf({ whole, perRow }: Part): number {
  return whole ? -1 : perRow;
}

/** In the order in which they are numbered. */
export function callsOfGroup({ producer, members }: Group): NativeCall[] {
  const calls = members.map(({ call }) => call);
  return producer === null ? calls : [producer.call, ...calls];
}

/** The first and the last call that mention each buffer. */
function mentions(calls: readonly PlannedCall[]): {
  first: ReadonlyMap<PlannedBuffer, number>;
  last: ReadonlyMap<PlannedBuffer, number>;
} {
  const first = new Map<PlannedBuffer, number>();
  const last = new Map<PlannedBuffer, number>();
  calls.forEach((call, i) => {
    if (call.kind === 'host') return;
    for (const buffer of buffersOf(call)) {
      if (!first.has(buffer)) first.set(buffer, i);
      last.set(buffer, i);
    }
  });
  return { first, last };
}

function groupOf(
  members: readonly Elementwise[],
  rows: number,
  inside: (buffer: PlannedBuffer) => boolean,
  producer: Group['producer'],
): Group {
  const perRow = members[0]!.elements / rows;
  const { own, slots } = ownMemory(members, inside);
  const blockRows = Math.min(rows, Math.max(1, Math.floor(BLOCK / perRow)));
  const slotBytes = Math.ceil((blockRows * perRow * 4) / LINE) * LINE;
  const grain = Math.ceil(PIECE / (blockRows * perRow * members.length));
  return {
    kind: 'group',
    producer,
    members,
    rows,
    blockRows,
    grain,
    own: new Map([...own].map(([buffer, slot]) => [buffer, slot * slotBytes])),
    ownBytes: slots * slotBytes,
  };
}

/** Gives every result that stays inside a slot; one that is no longer read makes room for others. */
function ownMemory(
  members: readonly Elementwise[],
  inside: (buffer: PlannedBuffer) => boolean,
): { own: Map<PlannedBuffer, number>; slots: number } {
  const last = new Map<PlannedBuffer, number>();
  members.forEach(({ parts }, k) => parts.forEach(({ place }) => last.set(place.buffer, k)));
  const own = new Map<PlannedBuffer, number>();
  const free: number[] = [];
  let slots = 0;
  members.forEach((member, k) => {
    const release = (wanted: (part: Part) => boolean): void => {
      const ending = member.parts.filter(({ place }) => last.get(place.buffer) === k);
      for (const buffer of new Set(ending.filter(wanted).map(({ place }) => place.buffer))) {
        const slot = own.get(buffer);
        if (slot !== undefined && !free.includes(slot)) free.push(slot);
      }
    };
    const { buffer } = member.parts.at(-1)!.place;
    release((part) => mayBecome(member, part));
    if (inside(buffer) && !own.has(buffer)) own.set(buffer, free.pop() ?? slots++);
    release((part) => !mayBecome(member, part));
  });
  return { own, slots };
}
