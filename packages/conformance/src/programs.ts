/**
 * Random programs: graphs of core's operations as JSON data, and what they ought to give; and steps of them, which compiled
 * ought to give what they give eagerly. Imports no
 * test runner and nothing of Node.
 */
export { generateProgram, type GenerateOptions } from './programs/generate.js';
export { generateStep } from './programs/generate-step.js';
export { judgeStep } from './programs/judge-step.js';
export {
  type Expectation,
  type Expected,
  type JudgeOptions,
  judgeProgram,
  type Mismatch,
} from './programs/judge.js';
export { leftOut, programOps } from './programs/ops/table.js';
export type { ProgramOp, ProgramOps } from './programs/ops/program-op.js';
export type * from './programs/program.js';
export { type ProgramResult, runProgram } from './programs/run.js';
export type * from './programs/step-program.js';
