/** The numbers that native/program/program.h reads. */
import type { NativeFunctionName } from '../native.js';
import type { NumericArray } from '../storage/data-table.js';
import { type Elementwise, widthOf } from './elementwise.js';
import type { Group } from './fuse.js';
import type { PlannedBuffer } from './planned-array.js';
import { isPlace, type Literal, type NativeCall, type PlannedArgument } from './planned-program.js';

const CALL = 0;
const GROUP = 1;
const FOLLOWING = 2;
const NOTHING = 0;
const NUMBER = 1;
const LATE = 2;
const ARRAY = 3;
const PART = 4;
const OWN = 5;
const COUNT = 6;
const PLAN = 7;
/** As ArgumentKind of native/runtime/call.h. */
const KINDS: Readonly<Record<string, number>> = { float32: 2, int32: 3, bool: 4 };
const LINE = 64;
const LONGEST_KEY = 256;

/** Where a buffer lies in what a run is given: which of its arrays, and how many bytes into it. */
export interface Location {
  readonly buffer: number;
  readonly offset: number;
}

/** Writes the code of steps, and collects what they share. */
export class Encoder {
  /** Kernels by their number in the code. */
  readonly names: NativeFunctionName[] = [];
  /** What reads the late numbers of a run. */
  readonly late: (() => number)[] = [];
  private readonly numbers: Map<NativeFunctionName, number> = new Map();
  private readonly locate: (buffer: PlannedBuffer) => Location;
  /** The buffer that holds the literals, and its contents so far. */
  private readonly literalBuffer: number;
  private readonly literals: { readonly at: number; readonly bytes: Uint8Array }[] = [];
  private literalBytes = 0;
  /** Where short ones lie, by their bytes. */
  private readonly known: Map<string, number> = new Map();

  constructor(literalBuffer: number, locate: (buffer: PlannedBuffer) => Location) {
    this.literalBuffer = literalBuffer;
    this.locate = locate;
  }

  encode(steps: readonly (NativeCall | Group)[]): number[] {
    return steps.flatMap((step) => {
      if (step.kind === 'native') return [CALL, ...this.call(step, (a) => this.argument(a))];
      const { producer, rows, blockRows, grain, ownBytes, members } = step;
      const perRow = members[0]!.elements / rows;
      const before =
        producer === null
          ? [GROUP]
          : [FOLLOWING, ...this.call(producer.call, (a) => this.argument(a))];
      const header = [...before, rows, perRow, blockRows, grain, ownBytes, members.length];
      return [...header, ...members.flatMap((member) => this.member(step, member))];
    });
  }

  /** Where the elements of `values` are from now on. Calls of one kind often bring the same ones. */
  literal(values: NumericArray): Location {
    const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
    const key = bytes.length <= LONGEST_KEY ? bytes.join() : undefined;
    let at = key === undefined ? undefined : this.known.get(key);
    if (at === undefined) {
      at = this.literalBytes;
      this.literals.push({ at, bytes });
      this.literalBytes += Math.ceil(bytes.length / LINE) * LINE;
      if (key !== undefined) this.known.set(key, at);
    }
    return { buffer: this.literalBuffer, offset: at };
  }

  /** All literals, each at a multiple of a cache line. */
  literalArray(): Uint8Array {
    const all = new Uint8Array(this.literalBytes);
    for (const { at, bytes } of this.literals) all.set(bytes, at);
    return all;
  }

  private call(
    { name, args }: NativeCall,
    encode: (argument: PlannedArgument, index: number) => number[],
  ): number[] {
    let number = this.numbers.get(name);
    if (number === undefined) {
      number = this.names.push(name) - 1;
      this.numbers.set(name, number);
    }
    return [number, args.length, ...args.flatMap(encode)];
  }

  private argument(argument: PlannedArgument): number[] {
    if (argument === null) return [NOTHING];
    if (typeof argument === 'number') return [NUMBER, argument];
    if ('late' in argument) return [LATE, this.late.push(argument.late) - 1];
    if (!isPlace(argument)) return [ARRAY, kindOf(argument), ...this.place(argument)];
    const { buffer, offset, length } = argument;
    const at = this.locate(buffer);
    return [ARRAY, KINDS[buffer.dtype]!, at.buffer, at.offset + offset * widthOf(buffer), length];
  }

  /** A call of a group: of its arrays, what belongs to the rows of a block. */
  private member(
    { rows, own }: Group,
    { call, elements, parts, count, countsRows, plan }: Elementwise,
  ): number[] {
    const perRow = elements / rows;
    return this.call(call, (argument, index) => {
      if (index === count) return [COUNT, countsRows ? 1 : perRow];
      if (index === plan)
        return [PLAN, ...this.place(argument as Literal), this.each(call, index, perRow)];
      const part = parts.find((candidate) => candidate.argument === index);
      if (part === undefined) return this.argument(argument);
      const { buffer } = part.place;
      const each = part.whole ? perRow : part.perRow;
      const within = own.get(buffer);
      if (within !== undefined) return [OWN, KINDS[buffer.dtype]!, within, each];
      if (each === 0) return this.argument(argument);
      const { offset } = part.place;
      const at = this.locate(buffer);
      return [PART, KINDS[buffer.dtype]!, at.buffer, at.offset + offset * widthOf(buffer), each];
    });
  }

  /** Elements of a plan's outermost axis that belong to a row: one axis alone is all elements. */
  private each(call: NativeCall, index: number, perRow: number): number {
    return (call.args[index] as Literal).literal[0] === 1 ? perRow : 1;
  }

  /** The buffer, byte offset and length of a literal. */
  private place({ literal }: Literal): [number, number, number] {
    const { buffer, offset } = this.literal(literal);
    return [buffer, offset, literal.length];
  }
}

function kindOf({ literal }: Literal): number {
  if (literal instanceof Float32Array) return KINDS['float32']!;
  return literal instanceof Int32Array ? KINDS['int32']! : KINDS['bool']!;
}
