/** Which native calls work element by element or row by row, and where each array stands in relation to the elements. */
import { type ElementwiseForm, formOf } from './elementwise-forms.js';
import type { Place, PlannedBuffer } from './planned-array.js';
import { isPlace, type NativeCall, type PlannedArgument } from './planned-program.js';

/** How an array takes part: all elements, those that belong to a row, or the same ones for every row. */
export interface Part {
  readonly argument: number;
  readonly place: Place;
  readonly written: boolean;
  /** Read when part of the result has been written. */
  readonly late: boolean;
  /** Every element of the result has its own. */
  readonly whole: boolean;
  /** Elements that belong to one row; 0 where all rows have the same ones. Counts where not whole. */
  readonly perRow: number;
}

/** A call as rows of elements: `rows` is null where it may be divided anyhow. */
export interface Elementwise {
  readonly call: NativeCall;
  readonly elements: number;
  readonly rows: number | null;
  readonly parts: readonly Part[];
  readonly count: number;
  /** Whether `count` counts rows, and not elements. */
  readonly countsRows: boolean;
  readonly plan: number | undefined;
}

/** Null for a call that does not work element by element, or has no elements. */
export function elementwise(call: NativeCall): Elementwise | null {
  const form = formOf(call);
  if (form === undefined) return null;
  if (form.columns !== undefined) return rowwise(call, form, form.columns);
  const elements = call.args[form.count] as number;
  const plan = form.plan === undefined ? null : axesOf(call.args[form.plan]);
  if (elements === 0) return null;
  const outermost = plan === null || plan.length < 2 ? null : plan.at(-1)!;
  const parts: Part[] = [];
  for (const argument of [...form.reads, form.write]) {
    const place = call.args[argument] as PlannedArgument;
    if (!isPlace(place)) return null;
    const bit = argument === form.write ? 0 : 2 ** form.reads.indexOf(argument);
    const along = plan?.filter(({ kind }) => bit === 0 || (kind & bit) !== 0) ?? null;
    const whole = along === null || along.length === plan!.length;
    const moves = outermost !== null && along !== null && along.includes(outermost);
    const perRow = moves ? along.slice(0, -1).reduce((n, { size }) => n * size, 1) : 0;
    // A part of a buffer may overlap another one.
    if (whole && (place.offset !== 0 || place.length !== place.buffer.length)) return null;
    const written = argument === form.write;
    const late = argument >= (form.late ?? Infinity);
    parts.push({ argument, place, written, late, whole, perRow });
  }
  const rows = outermost?.size ?? null;
  const at = plan === null ? undefined : form.plan;
  return { call, elements, rows, parts, count: form.count, countsRows: false, plan: at };
}

/** A call that computes a row, or one element, from each row. */
function rowwise(call: NativeCall, form: ElementwiseForm, columns: number): Elementwise | null {
  const { args } = call;
  const rows = args[form.count] as number;
  const elements = rows * (args[columns] as number);
  if (elements === 0 || (form.inner !== undefined && args[form.inner] !== 1)) return null;
  const parts: Part[] = [];
  for (const argument of [...form.reads, form.write]) {
    const place = args[argument] as PlannedArgument;
    if (!isPlace(place) || place.offset !== 0 || place.length !== place.buffer.length) return null;
    const written = argument === form.write;
    const late = argument >= (form.late ?? Infinity);
    const whole = !(written && form.reduces);
    parts.push({ argument, place, written, late, whole, perRow: 1 });
  }
  return { call, elements, rows, parts, count: form.count, countsRows: true, plan: undefined };
}

/** The axes of a broadcast plan, innermost first. */
function axesOf(
  argument: PlannedArgument | undefined,
): { readonly size: number; readonly kind: number }[] | null {
  if (typeof argument !== 'object' || argument === null || !('literal' in argument)) return null;
  const { literal } = argument;
  return Array.from({ length: literal[0]! }, (_, g) => ({
    size: literal[1 + 2 * g]!,
    kind: literal[2 + 2 * g]!,
  }));
}

/** Whether the result may lie where `part` lies: each element is read, for the last time, before it is written. */
export function mayBecome({ plan, parts }: Elementwise, part: Part): boolean {
  const { buffer } = part.place;
  const result = parts.at(-1)!;
  const width = widthOf(result.place.buffer);
  if (!result.whole) return false;
  if (part.written || plan !== undefined || widthOf(buffer) !== width) return false;
  return parts.every(({ place, whole, late }) => place.buffer !== buffer || (whole && !late));
}

/** Bytes of an element. */
export function widthOf({ dtype }: PlannedBuffer): number {
  return dtype === 'bool' ? 1 : 4;
}
