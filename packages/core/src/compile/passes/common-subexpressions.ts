import type { KernelCall, Program } from '../program.js';
import { valueBytes } from '../value-bytes.js';
import { SMALL } from './constants.js';
import { DONATING } from './donating-kernels.js';
import { type Change, rewritten } from './rewrite.js';

/**
 * The program with one kernel for all that have the same name, inputs and attributes. Those that draw random numbers are never
 * the same, and what no tensor goes into (Fill) is made again where it is large: keeping it would take memory for longer.
 *
 * Update kernels may write into inputs that nobody reads any more, so two of them are never made one: two States would share what
 * each may keep in its own memory. For other kernels donation needs no care here. Replays and compilers work out who reads a
 * value last from the program that they are given, and in it the remaining value has all readers of those that it replaces.
 */
export function withoutCommonSubexpressions(program: Program): Program {
  const seen = new Map<string, KernelCall[]>();
  return rewritten(program, (call): Change => {
    if (call.draw !== undefined || DONATING.has(call.name)) return call;
    const numbers = Object.values(call.inputs);
    const large = call.outputs.some((value) => valueBytes(program.values[value]!) > SMALL);
    if (numbers.length === 0 && large) return call;
    const key = `${call.name}(${Object.keys(call.inputs).join()})(${numbers.join()})`;
    const alike = seen.get(key);
    if (alike === undefined) {
      seen.set(key, [call]);
      return call;
    }
    const twin = alike.find(({ attrs }) => equalAttributes(attrs, call.attrs));
    if (twin !== undefined) return twin.outputs;
    alike.push(call);
    return call;
  });
}

/** Numbers by Object.is, arrays and plain records by what they hold, everything else (Scalars) by identity. */
function equalAttributes(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  const prototype: unknown = Object.getPrototypeOf(a);
  if (prototype !== Object.getPrototypeOf(b) || !holdsValues(a, prototype)) return false;
  // Of typed arrays, too, the keys are the indices.
  const names = Object.keys(a);
  return (
    names.length === Object.keys(b).length &&
    names.every(
      (name) =>
        Object.hasOwn(b, name) &&
        equalAttributes(a[name as keyof typeof a], b[name as keyof typeof b]),
    )
  );
}

function holdsValues(object: object, prototype: unknown): boolean {
  if (ArrayBuffer.isView(object)) return !(object instanceof DataView);
  return Array.isArray(object) || prototype === Object.prototype || prototype === null;
}
