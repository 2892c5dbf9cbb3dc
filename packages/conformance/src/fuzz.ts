/** Random programs at length, against PyTorch: what a runner in Node needs besides `/programs`. */
export { EngineProcess, serveEngine } from './fuzz/engine-process.js';
export { type Failure, fuzz, type FuzzOptions, type FuzzReport } from './fuzz/fuzz.js';
export { findTorch, TorchOracle } from './fuzz/oracle.js';
