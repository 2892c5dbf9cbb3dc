/** Random programs at length: against PyTorch, and compiled against eager. What a runner in Node needs besides `/programs`. */
export { EngineProcess, serveEngine } from './fuzz/engine-process.js';
export { type Failure, fuzz, type FuzzOptions, type FuzzReport } from './fuzz/fuzz.js';
export {
  fuzzSteps,
  type FuzzStepsOptions,
  type FuzzStepsReport,
  type StepFailure,
} from './fuzz/fuzz-steps.js';
export { findTorch, TorchOracle } from './fuzz/oracle.js';
