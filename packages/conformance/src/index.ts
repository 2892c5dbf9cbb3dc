/** The public test suites of Strata: any engine, any model family, one call each in a vitest file. */
export { type BackendOptions, describeBackend } from './describe-backend.js';
export { describeModelFamily, type ModelFamilyOptions } from './describe-model-family.js';
export { describePrograms, type ProgramOptions } from './describe-programs.js';
export type { ExpectedFailures } from './expected-failures.js';
