import { noGrad } from '../../autodiff/tape.js';
import { type Engine, engine, type Inputs } from '../../engine.js';
import { runKernel } from '../../run-kernel.js';
import type { Tensor } from '../../tensor.js';
import type { KernelCall, Program, ProgramValue } from '../program.js';
import { valueBytes } from '../value-bytes.js';
import { DONATING } from './donating-kernels.js';
import { type Change, rewritten } from './rewrite.js';

/** In bytes. So much is cheaper to keep than to make again in every run. */
export const SMALL = 4096;

/**
 * The program with the results of kernels that depend on constants alone as constants: these kernels run now, on the engine that
 * will run the program, and give the bits that they would give then. Kernels stay whose results are larger than both SMALL and what
 * they are computed from (Fill, Tile, OneHot), and those with a Scalar among their attributes.
 *
 * The new constants belong to the program, as its others do. Those that nobody reads any more are still among its values.
 */
export function withFoldedConstants(program: Program): Program {
  const e = engine();
  const values: ProgramValue[] = [...program.values];
  const made: Tensor[] = [];
  try {
    return {
      ...rewritten(program, (call): Change => {
        if (!isFoldable(call, values)) return call;
        const results = kept(e, call, values);
        made.push(...results);
        call.outputs.forEach((value, i) => {
          values[value] = { ...values[value]!, source: { kind: 'constant', tensor: results[i]! } };
        });
        return call.outputs;
      }),
      values,
    };
  } catch (error) {
    for (const t of made) t.dispose();
    throw error;
  }
}

function isFoldable(
  { name, inputs, attrs, draw, outputs }: KernelCall,
  values: readonly ProgramValue[],
): boolean {
  if (draw !== undefined || DONATING.has(name) || !isPlain(attrs)) return false;
  const numbers: readonly number[] = Object.values(inputs);
  if (numbers.some((value) => values[value]!.source.kind !== 'constant')) return false;
  const bytes = (of: readonly number[]): number =>
    of.reduce((sum, value) => sum + valueBytes(values[value]!), 0);
  return bytes(outputs) <= Math.max(SMALL, bytes(numbers));
}

/** Whether attributes are the same in every run: no Scalars, nor other objects that may change. */
function isPlain(attribute: unknown): boolean {
  if (typeof attribute === 'function') return false;
  if (typeof attribute !== 'object' || attribute === null) return true;
  if (ArrayBuffer.isView(attribute)) return true;
  const prototype: unknown = Object.getPrototypeOf(attribute);
  if (!Array.isArray(attribute) && prototype !== Object.prototype && prototype !== null)
    return false;
  return Object.values(attribute).every(isPlain);
}

/** Runs a kernel of constants; its results are nobody else's. */
function kept(
  e: Engine,
  { name, inputs, attrs }: KernelCall,
  values: readonly ProgramValue[],
): Tensor[] {
  const tensorOf = (value: number): Tensor =>
    (values[value]!.source as { readonly tensor: Tensor }).tensor;
  e.startScope(name);
  try {
    const tensors = Array.isArray(inputs)
      ? inputs.map(tensorOf)
      : Object.fromEntries(Object.entries(inputs).map(([key, value]) => [key, tensorOf(value)]));
    const made = noGrad(() => runKernel(e, name, tensors as unknown as Inputs, attrs));
    const results = Array.isArray(made) ? made : [made];
    return results.map((t) => e.keep(t));
  } finally {
    e.endScope();
  }
}
