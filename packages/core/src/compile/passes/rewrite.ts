import type { Instruction, KernelCall, Program } from '../program.js';

/** What comes in the place of a kernel: another call with the same results, or the values that its results equal. */
export type Change = KernelCall | readonly number[];

/**
 * The program with each kernel changed. `change` sees them in order, with inputs as the changes before it left them; where a
 * kernel goes, the values that it gives for its results are read in their place from there on: `now` says which.
 */
export function rewritten(
  program: Program,
  change: (call: KernelCall, at: number, now: (value: number) => number) => Change,
): Program {
  const standIns = new Map<number, number>();
  const now = (value: number): number => standIns.get(value) ?? value;
  const instructions: Instruction[] = [];
  program.instructions.forEach((instruction, at) => {
    if (instruction.kind === 'write') {
      instructions.push({ ...instruction, value: now(instruction.value) });
      return;
    }
    const next = change({ ...instruction, inputs: renamed(instruction.inputs, now) }, at, now);
    if ('kind' in next) instructions.push(next);
    else instruction.outputs.forEach((value, i) => standIns.set(value, next[i]!));
  });
  return { ...program, instructions, outputs: program.outputs.map(now) };
}

/** Inputs under other numbers. */
export function renamed(
  inputs: KernelCall['inputs'],
  now: (value: number) => number,
): KernelCall['inputs'] {
  if (Array.isArray(inputs)) return (inputs as readonly number[]).map(now);
  return Object.fromEntries(Object.entries(inputs).map(([name, value]) => [name, now(value)]));
}

/** The kernel that makes each value, as far as `call`s have been noted. */
export class Makers {
  private readonly calls: Map<number, KernelCall> = new Map();

  note(call: KernelCall): KernelCall {
    for (const value of call.outputs) this.calls.set(value, call);
    return call;
  }

  /** The kernel `name` that makes `value`, if that is what makes it. */
  find(value: number | undefined, ...names: readonly string[]): KernelCall | undefined {
    const call = value === undefined ? undefined : this.calls.get(value);
    return call !== undefined && names.includes(call.name) ? call : undefined;
  }
}

/** The value of an input that a kernel has by this name. */
export function inputOf({ inputs }: KernelCall, name: string): number | undefined {
  return (inputs as Readonly<Record<string, number>>)[name];
}
