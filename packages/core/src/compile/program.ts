/** A recorded program: kernels in order, over numbered values. */
import type { Attributes } from '../engine.js';
import type { Rng } from '../random/rng.js';
import type { Scalar } from '../state/scalar.js';
import type { State } from '../state/state.js';
import type { DType, Shape, Tensor } from '../tensor.js';

/** Where a value is at the start of a run; `result` is made by an instruction. */
export type ValueSource =
  | { readonly kind: 'argument'; readonly index: number }
  | { readonly kind: 'state'; readonly state: State }
  | { readonly kind: 'scalar'; readonly scalar: Scalar }
  | { readonly kind: 'constant'; readonly tensor: Tensor }
  | { readonly kind: 'captured'; readonly tensor: Tensor }
  | { readonly kind: 'result' };

export interface ProgramValue {
  readonly source: ValueSource;
  readonly shape: Shape;
  readonly dtype: DType;
}

/** Random numbers that every run draws anew, in this order. */
export interface ProgramDraw {
  readonly rng: Rng;
  readonly blocks: number;
}

export interface KernelCall {
  readonly kind: 'kernel';
  readonly name: string;
  /** Input name → value; of a kernel that takes a list of tensors their values in order. */
  readonly inputs: Readonly<Record<string, number>> | readonly number[];
  readonly attrs: Attributes | undefined;
  /** Which draw stands in the attribute `draw`, if one does. */
  readonly draw: number | undefined;
  readonly outputs: readonly number[];
  /** Where in a model it was recorded, for errors: 'Layer: … of ….', or undefined outside of models and in gradients. */
  readonly place: string | undefined;
}

/** From here on `state` holds `value`. */
export interface StateWrite {
  readonly kind: 'write';
  readonly state: State;
  readonly value: number;
}

export type Instruction = KernelCall | StateWrite;

export interface Program {
  readonly values: readonly ProgramValue[];
  readonly instructions: readonly Instruction[];
  readonly draws: readonly ProgramDraw[];
  /** Values that a run gives, in the order in which they stand in the function's result. */
  readonly outputs: readonly number[];
}

/** The values that an instruction reads. */
export function readsOf(instruction: Instruction): readonly number[] {
  return instruction.kind === 'write' ? [instruction.value] : Object.values(instruction.inputs);
}

/** For every value the last instruction that reads it: the number of instructions for an output, −1 for none. */
export function lastUses({ values, instructions, outputs }: Program): Int32Array {
  const last = new Int32Array(values.length).fill(-1);
  instructions.forEach((instruction, at) => {
    for (const value of readsOf(instruction)) last[value] = at;
  });
  for (const value of outputs) last[value] = instructions.length;
  return last;
}
