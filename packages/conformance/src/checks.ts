/**
 * The checks themselves, for another runner than vitest, or for a page in a browser: they import no
 * test runner and nothing of Node.
 */
export { type Check, type CheckGroup, type Outcome, runChecks } from './check.js';
export { type Accuracy, backendChecks } from './checks/backend-checks.js';
export { compiledTraining } from './checks/compiled-training.js';
export { type FamilyCheckOptions, familyChecks } from './checks/family-checks.js';
export type { Training, TrainingRun } from './training/training.js';
