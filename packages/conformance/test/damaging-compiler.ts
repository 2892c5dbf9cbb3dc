/** Compilers that do something wrong. */
import {
  type BackendPlugin,
  type Executable,
  type OpenBackend,
  type Program,
  Scalar,
  tensor,
} from '@stratajs/core';
import { copiedCpu } from './copied-cpu.js';

type Damage = (program: Program) => void;

/** Plain kernels, with a compiler that damages programs and leaves their replay to core. */
export function damaging(damage: Damage): BackendPlugin {
  const plugin = copiedCpu('strata-damaging');
  return {
    ...plugin,
    open: async (): Promise<OpenBackend> => ({
      ...(await plugin.open()),
      compile: (program: Program) => {
        damage(program);
        return undefined as unknown as Executable;
      },
    }),
  };
}

const instructionsOf = (program: Program): Program['instructions'][number][] =>
  program.instructions as Program['instructions'][number][];

export const damages: Readonly<Record<string, Damage>> = {
  'forgets what States are to hold': (program) => {
    const instructions = instructionsOf(program);
    const kept = instructions.filter(({ kind }) => kind !== 'write');
    instructions.splice(0, instructions.length, ...kept);
  },
  'draws the numbers of the recording again': (program) => {
    const instructions = instructionsOf(program);
    instructions.forEach((instruction, at) => {
      if (instruction.kind === 'kernel') instructions[at] = { ...instruction, draw: undefined };
    });
  },
  'does not move generators on': (program) => void (program.draws as unknown[]).splice(0),
  'gives results in another order': (program) => void (program.outputs as number[]).reverse(),
  'takes Scalars for constants': (program) => {
    const values = program.values as Program['values'][number][];
    values.forEach((value, i) => {
      if (value.source.kind !== 'scalar') return;
      const held = tensor([value.source.scalar.value], [], value.dtype);
      values[i] = { ...value, source: { kind: 'constant', tensor: held } };
    });
    const instructions = instructionsOf(program);
    instructions.forEach((instruction, at) => {
      if (instruction.kind !== 'kernel') return;
      const attrs = Object.entries(instruction.attrs ?? {}).map(([name, value]) => [
        name,
        value instanceof Scalar ? value.value : value,
      ]);
      instructions[at] = { ...instruction, attrs: Object.fromEntries(attrs) };
    });
  },
  'takes one argument for another': (program) => {
    const values = program.values as Program['values'][number][];
    values.forEach((value, i) => {
      const { source, shape, dtype } = value;
      const twin = values.find(
        (other) =>
          other !== value &&
          other.source.kind === 'argument' &&
          other.dtype === dtype &&
          String(other.shape) === String(shape),
      );
      if (source.kind === 'argument' && twin) values[i] = { ...value, source: twin.source };
    });
  },
  'keeps a tensor': () => void tensor([1]),
  'leaves an instruction out': (program) => void instructionsOf(program).pop(),
};
