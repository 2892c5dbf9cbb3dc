/** Brings kernels that work element by element next to each other, so that they can be joined. */
import { type Instruction, type KernelCall, type Program, readsOf } from '@stratajs/core';
import { addNKernels } from '../kernels/add-n.js';
import { binaryKernels } from '../kernels/binary.js';
import { castKernels } from '../kernels/cast.js';
import { sizeOf } from '../kernels/kernel.js';
import { selectKernels } from '../kernels/select.js';
import { unaryKernels } from '../kernels/unary.js';
import { PRODUCING } from './producers.js';

const ELEMENTWISE: ReadonlySet<string> = new Set(
  [unaryKernels, binaryKernels, castKernels, selectKernels, addNKernels].flatMap(Object.keys),
);

/**
 * The same program, in which a kernel that works element by element follows at once the last of those that it needs, where that
 * is one of its kind and size: gradients often stand between them, and need neither. One that may be followed row by row waits
 * for the first that reads its result. Values are written once, so nothing else changes.
 */
export function withNeighbours(program: Program): Program {
  const { values, instructions } = program;
  const sizeOfResult = (
    instruction: Instruction,
    ...kinds: readonly ReadonlySet<string>[]
  ): number | null => {
    if (instruction.kind !== 'kernel' || !kinds.some((kind) => kind.has(instruction.name)))
      return null;
    return sizeOf(values[instruction.outputs[0]!]!.shape);
  };
  /** What follows an instruction at once: kernels that were brought there. */
  const followers = new Map<Instruction, Instruction[]>();
  const makers = new Map<number, number>();
  const heads = new Set<Instruction>();
  /** The place of an instruction in the new order: of the one that it follows, and then its own. */
  const places = new Map<Instruction, { readonly head: Instruction; readonly at: number }>();
  const precedes = (a: Instruction, b: Instruction): boolean => {
    const [p, q] = [places.get(a)!, places.get(b)!];
    return p.head === q.head ? p.at < q.at : positions.get(p.head)! < positions.get(q.head)!;
  };
  const positions = new Map<Instruction, number>();
  let next = 0;
  const add = (head: Instruction): void => {
    heads.delete(head);
    heads.add(head);
    positions.set(head, next++);
    places.set(head, { head, at: 0 });
    followers.set(head, []);
  };
  const read = new Set<number>();
  /** What makes an input of `instruction`, of so many elements, and has not been read yet. */
  const waiting = (instruction: Instruction, size: number): Instruction | undefined =>
    readsOf(instruction)
      .flatMap((value) => (makers.has(value) ? [instructions[makers.get(value)!]!] : []))
      .find(
        (maker) =>
          sizeOfResult(maker, PRODUCING) === size &&
          !(maker as KernelCall).outputs.some((output) => read.has(output)),
      );
  instructions.forEach((instruction, index) => {
    const size = sizeOfResult(instruction, ELEMENTWISE);
    let last: Instruction | undefined;
    for (const value of readsOf(instruction)) {
      const maker = makers.get(value);
      if (maker === undefined) continue;
      const made = instructions[maker]!;
      if (last === undefined || precedes(last, made)) last = made;
    }
    const joins =
      size !== null && last !== undefined && sizeOfResult(last, ELEMENTWISE, PRODUCING) === size;
    let before = joins ? last : undefined;
    if (size !== null && before === undefined) {
      before = waiting(instruction, size);
      if (before !== undefined) add(before);
    }
    if (before === undefined) {
      add(instruction);
    } else {
      const { head } = places.get(before)!;
      const group = followers.get(head)!;
      group.push(instruction);
      places.set(instruction, { head, at: group.length });
    }
    for (const value of readsOf(instruction)) read.add(value);
    if (instruction.kind === 'kernel')
      for (const value of instruction.outputs) makers.set(value, index);
  });
  return {
    ...program,
    instructions: [...heads].flatMap((head) => [head, ...followers.get(head)!]),
  };
}
