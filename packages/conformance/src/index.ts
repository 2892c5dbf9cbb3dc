/** The public test suites of Strata: any engine, any model family, any step, one call each in a vitest file. */
export { type BackendOptions, describeBackend } from './describe-backend.js';
export { type CompiledOptions, describeCompiled, describeSameBits } from './describe-compiled.js';
export { describeModelFamily, type ModelFamilyOptions } from './describe-model-family.js';
export { describePrograms, type ProgramOptions } from './describe-programs.js';
export type { ExpectedFailures } from './expected-failures.js';
export { layerTraining } from './training/layer-training.js';
export { lossTraining } from './training/loss-training.js';
export {
  type OptimizerLike,
  optimizerTraining,
  type OptimizerTrainingOptions,
} from './training/optimizer-training.js';
export type { Training, TrainingInput, TrainingRun } from './training/training.js';
