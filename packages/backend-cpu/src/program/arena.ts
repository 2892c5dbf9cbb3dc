/** Where temporary results lie in the one piece of memory that a program has for all of them. */
import { type Elementwise, elementwise, mayBecome, widthOf } from './elementwise.js';
import { callsOfGroup, type Step } from './fuse.js';
import type { PlannedBuffer } from './planned-array.js';
import { buffersOf } from './planned-program.js';

export interface Arena {
  /** In bytes. */
  readonly offsetOf: ReadonlyMap<PlannedBuffer, number>;
  readonly bytes: number;
}

/** Buffers that take each other's place, and the steps from the first that mentions one of them to the last. */
interface Tenant {
  readonly bytes: number;
  first: number;
  last: number;
  offset: number;
}

const LINE = 64;

/** Results that are never alive at the same time share memory; the larger ones choose first. */
export function arenaOf(
  steps: readonly Step[],
  isTemporary: (buffer: PlannedBuffer) => boolean,
): Arena {
  const tenants = tenantsOf(steps, isTemporary);
  const placed: Tenant[] = [];
  let bytes = 0;
  for (const tenant of [...new Set(tenants.values())].sort((a, b) => b.bytes - a.bytes)) {
    tenant.offset = firstGap(
      tenant.bytes,
      placed.filter((other) => other.first <= tenant.last && other.last >= tenant.first),
    );
    placed.push(tenant);
    bytes = Math.max(bytes, tenant.offset + tenant.bytes);
  }
  return { offsetOf: new Map([...tenants].map(([buffer, { offset }]) => [buffer, offset])), bytes };
}

/** The lowest offset with so many free bytes behind it. */
function firstGap(bytes: number, neighbours: readonly Tenant[]): number {
  let offset = 0;
  for (const other of [...neighbours].sort((a, b) => a.offset - b.offset)) {
    if (other.offset >= offset + bytes) break;
    offset = Math.max(offset, other.offset + other.bytes);
  }
  return offset;
}

function tenantsOf(
  steps: readonly Step[],
  isTemporary: (buffer: PlannedBuffer) => boolean,
): Map<PlannedBuffer, Tenant> {
  const tenants = new Map<PlannedBuffer, Tenant>();
  const last = new Map<PlannedBuffer, number>();
  steps.forEach((step, at) => {
    for (const buffer of mentionedBy(step)) last.set(buffer, at);
  });
  steps.forEach((step, at) => {
    for (const buffer of mentionedBy(step)) {
      if (!isTemporary(buffer)) continue;
      const tenant = tenants.get(buffer);
      if (tenant !== undefined) {
        tenant.last = Math.max(tenant.last, at);
        continue;
      }
      // The place of an argument that ends here, unless another result of this step has it already.
      const before = replaceable(step, buffer)
        .map((argument) => ({ argument, tenant: tenants.get(argument) }))
        .find(
          ({ argument, tenant }) =>
            tenant?.last === at && (tenant.first < at || argument === producedBy(step)),
        )?.tenant;
      if (before !== undefined) {
        before.last = last.get(buffer)!;
        tenants.set(buffer, before);
      } else {
        const bytes = Math.ceil((buffer.length * widthOf(buffer)) / LINE) * LINE;
        tenants.set(buffer, { bytes, first: at, last: last.get(buffer)!, offset: 0 });
      }
    }
  });
  return tenants;
}

/** Arguments in whose place `result` may come, element by element: nothing reads them after it is written. */
function replaceable(step: Step, result: PlannedBuffer): PlannedBuffer[] {
  const members = membersOf(step);
  const writer = members.findIndex(({ parts }) => parts.at(-1)!.place.buffer === result);
  if (writer < 0) return [];
  const found: PlannedBuffer[] = [];
  const later = new Set(
    members.slice(writer + 1).flatMap(({ parts }) => parts.map(({ place }) => place.buffer)),
  );
  members.slice(0, writer + 1).forEach((member, k) => {
    for (const part of member.parts) {
      const { buffer } = part.place;
      const fits =
        part.whole && buffer.length === result.length && widthOf(buffer) === widthOf(result);
      if (
        fits &&
        buffer !== result &&
        !later.has(buffer) &&
        (k < writer || mayBecome(member, part))
      )
        found.push(buffer);
    }
  });
  // One that the writer itself reads in another way stays.
  const kept = members[writer]!.parts.filter((part) => !mayBecome(members[writer]!, part));
  // So does what a call reads while it is being followed.
  const producer = step.kind === 'group' ? step.producer : null;
  const read = new Set(producer === null ? [] : buffersOf(producer.call));
  return found.filter(
    (buffer) =>
      !kept.some(({ place }) => place.buffer === buffer) &&
      (buffer === producer?.result || !read.has(buffer)),
  );
}

function producedBy(step: Step): PlannedBuffer | undefined {
  return step.kind === 'group' ? step.producer?.result : undefined;
}

function membersOf(step: Step): readonly Elementwise[] {
  if (step.kind === 'group') return step.members;
  const alone = step.kind === 'native' ? elementwise(step) : null;
  return alone === null ? [] : [alone];
}

function* mentionedBy(step: Step): Iterable<PlannedBuffer> {
  if (step.kind === 'native') yield* buffersOf(step);
  else if (step.kind === 'group') {
    for (const call of callsOfGroup(step)) {
      for (const buffer of buffersOf(call)) if (!step.own.has(buffer)) yield buffer;
    }
  }
}
