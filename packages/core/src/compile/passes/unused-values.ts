import type { Program, ProgramValue } from '../program.js';
import { readsOf } from '../program.js';
import { renamed } from './rewrite.js';

/** The program with values numbered anew, without those that nobody reads or makes: a run does not have to find them. */
export function withoutUnusedValues(program: Program): Program {
  const numbers = new Map<number, number>();
  const values: ProgramValue[] = [];
  const needed = new Set(program.outputs);
  for (const instruction of program.instructions) {
    for (const value of readsOf(instruction)) needed.add(value);
    if (instruction.kind === 'kernel') for (const value of instruction.outputs) needed.add(value);
  }
  program.values.forEach((value, number) => {
    if (!needed.has(number)) return;
    numbers.set(number, values.length);
    values.push(value);
  });
  const now = (value: number): number => numbers.get(value)!;
  return {
    ...program,
    values,
    instructions: program.instructions.map((instruction) =>
      instruction.kind === 'write'
        ? { ...instruction, value: now(instruction.value) }
        : {
            ...instruction,
            inputs: renamed(instruction.inputs, now),
            outputs: instruction.outputs.map(now),
          },
    ),
    outputs: program.outputs.map(now),
  };
}
