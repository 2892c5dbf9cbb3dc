/** Everything that a model family must satisfy. */
import type { ModelFamily } from '@stratajs/core';
import type { CheckGroup } from '../check.js';
import { modelEntryChecks } from './model-entry.js';
import { modelLearning } from './model-learning.js';
import { modelResults } from './model-results.js';
import type { FamilyCheckOptions } from './model-under-test.js';

export type { FamilyCheckOptions } from './model-under-test.js';

/**
 * The checks of a family that `register()` has made known, on the active engine. They import no test
 * runner and nothing of Node: `runChecks(familyChecks(family))`.
 */
export function familyChecks(family: ModelFamily, options: FamilyCheckOptions = {}): CheckGroup[] {
  return Object.entries(family.models).map(([id, entry]) => ({
    name: id,
    checks: [
      ...modelEntryChecks(id, entry),
      ...modelResults(id, entry, options),
      ...modelLearning(id, entry, options),
    ],
  }));
}
