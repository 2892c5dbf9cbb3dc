import { type Instruction, type Program, readsOf } from '../program.js';

/** The program without kernels whose results nobody reads. */
export function withoutDeadKernels(program: Program): Program {
  const needed = new Set(program.outputs);
  const kept: Instruction[] = [];
  for (let at = program.instructions.length - 1; at >= 0; at--) {
    const instruction = program.instructions[at]!;
    if (instruction.kind === 'kernel' && !instruction.outputs.some((value) => needed.has(value))) {
      continue;
    }
    for (const value of readsOf(instruction)) needed.add(value);
    kept.push(instruction);
  }
  return { ...program, instructions: kept.reverse() };
}
