import { sameShape } from '../../ops/arguments.js';
import type { Program, ProgramValue } from '../program.js';
import { type Change, inputOf, Makers, rewritten } from './rewrite.js';

/** Kernels whose result, where it has the shape and dtype of `x`, is `x`. */
const SAME: ReadonlySet<string> = new Set([
  'Identity',
  'Reshape',
  'ExpandDims',
  'Cast',
  'Slice',
  'Tile',
  'BroadcastTo',
]);

/**
 * The program without kernels that give their input again, and with one Reshape for several in a row. A Reshape that changes the
 * shape stays: a value has one shape, and engines give it its input's storage, at no cost.
 */
export function withoutAliases(program: Program): Program {
  const { values } = program;
  const makers = new Makers();
  return rewritten(program, (call): Change => {
    const x = inputOf(call, 'x') ?? inputOf(call, 'input');
    if (x === undefined || call.outputs.length !== 1) return makers.note(call);
    const y = call.outputs[0]!;
    if (SAME.has(call.name) && isLike(values[x]!, values[y]!)) return [x];
    if (call.name !== 'Reshape' && call.name !== 'ExpandDims') return makers.note(call);
    const first = makers.find(x, 'Reshape');
    const origin = first === undefined ? x : inputOf(first, 'x')!;
    if (isLike(values[origin]!, values[y]!)) return [origin];
    const attrs = { shape: [...values[y]!.shape] };
    return makers.note({ ...call, name: 'Reshape', inputs: { x: origin }, attrs });
  });
}

function isLike(a: ProgramValue, b: ProgramValue): boolean {
  return a.dtype === b.dtype && sameShape(a.shape, b.shape);
}
