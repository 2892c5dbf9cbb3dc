import { sameShape } from '../../ops/arguments.js';
import type { KernelCall, Program } from '../program.js';
import { type Change, inputOf, Makers, rewritten } from './rewrite.js';

const PRODUCTS: ReadonlySet<string> = new Set(['BatchMatMul', '_FusedMatMul']);

/**
 * The program with fewer transposes: one for several in a row, none where they cancel, a Reshape where only axes of size 1 move, and
 * none of the last two axes before a product of matrices, which takes its factors either way. Engines have other code for
 * products of which one side is a vector, which may add in another order for a transposed factor; these stay, so that all bits do.
 */
export function withoutTransposes(program: Program): Program {
  const { values } = program;
  const makers = new Makers();
  const isVector = (value: number): boolean => values[value]!.shape.slice(-2).includes(1);
  const shapeOf = (value: number): readonly number[] => values[value]!.shape;
  const simpler = (call: KernelCall): Change => {
    const first = makers.find(inputOf(call, 'x'), 'Transpose');
    const x = inputOf(first ?? call, 'x')!;
    const perm = permOf(call).map((axis) => (first === undefined ? axis : permOf(first)[axis]!));
    const shape = shapeOf(call.outputs[0]!);
    if (perm.every((axis, i) => axis === i)) return [x];
    const moved = perm.filter((axis) => shapeOf(x)[axis] !== 1);
    const inOrder = moved.every((axis, i) => i === 0 || axis > moved[i - 1]!);
    if (inOrder && sameShape(shape, shapeOf(x))) return [x];
    if (inOrder) {
      const attrs = { shape: [...shape] };
      return makers.note({ ...call, name: 'Reshape', inputs: { x }, attrs });
    }
    return makers.note({ ...call, inputs: { x }, attrs: { ...call.attrs, perm } });
  };
  return rewritten(program, (call): Change => {
    if (call.name === 'Transpose') return simpler(call);
    if (PRODUCTS.has(call.name) && !isVector(call.outputs[0]!)) return product(call, makers);
    return makers.note(call);
  });
}

function permOf({ attrs }: KernelCall): readonly number[] {
  return attrs!['perm'] as readonly number[];
}

/** The product with factors as they were before their last two axes were exchanged. */
function product(call: KernelCall, makers: Makers): KernelCall {
  let { inputs, attrs } = call;
  for (const [name, flag] of [
    ['a', 'transposeA'],
    ['b', 'transposeB'],
  ] as const) {
    const transpose = makers.find(inputOf(call, name), 'Transpose');
    if (transpose === undefined || !exchangesLastTwo(permOf(transpose))) continue;
    inputs = { ...inputs, [name]: inputOf(transpose, 'x')! } as Readonly<Record<string, number>>;
    attrs = { ...attrs, [flag]: !attrs?.[flag] };
  }
  return makers.note({ ...call, inputs, attrs });
}

function exchangesLastTwo(perm: readonly number[]): boolean {
  const rank = perm.length;
  const expected = perm.map((_, i) => (i < rank - 2 ? i : i === rank - 2 ? rank - 1 : rank - 2));
  return rank >= 2 && perm.every((axis, i) => axis === expected[i]);
}
