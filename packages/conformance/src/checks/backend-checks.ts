/** Everything that an engine must satisfy beside tfjs-core's own specs. */
import type { BackendPlugin } from '@stratajs/core';
import type { CheckGroup } from '../check.js';
import { autodiff } from './autodiff.js';
import { compiledFunctions } from './compiled.js';
import { compiledOperations } from './compiled-operations.js';
import { exceptions } from './exceptions.js';
import { finiteDifferences } from './finite-differences.js';
import { finiteness } from './finiteness.js';
import { kernels } from './kernels.js';
import { largeSizes } from './large-sizes.js';
import { operationLeaks } from './operation-leaks.js';
import { operationGradients, operationValues } from './operation-values.js';
import { pluginFacts } from './plugin.js';
import { randomNumbers } from './random.js';
import { reads } from './reads.js';
import { secondOrder } from './second-order.js';
import { stateAndDonation } from './state.js';
import { updates } from './updates.js';
import { zeroSize } from './zero-size.js';

export interface Accuracy {
  /**
   * How far results may lie from PyTorch's float64, relative to each element. Default 1e-5, what
   * float32 arithmetic in any order keeps; a GPU with approximate functions may need more, and says so.
   */
  readonly relativeTolerance?: number;
}

/**
 * The checks of an engine that use() has made active. They import no test runner and nothing of Node,
 * so they run in a page as well: `runChecks(backendChecks(plugin))`.
 */
export function backendChecks(
  plugin: BackendPlugin,
  { relativeTolerance = 1e-5 }: Accuracy = {},
): CheckGroup[] {
  // Elements that cancel to nearly nothing are measured against the greatest beside them.
  const tolerance = { relative: relativeTolerance, ofGreatest: relativeTolerance / 5 };
  return [
    { name: 'plugin:', checks: pluginFacts(plugin) },
    { name: 'kernels:', checks: kernels(plugin) },
    { name: 'value of', checks: operationValues(tolerance) },
    { name: 'gradient of', checks: operationGradients(tolerance) },
    { name: 'finite differences of', checks: finiteDifferences() },
    { name: 'second order of', checks: secondOrder() },
    { name: 'large sizes:', checks: largeSizes(tolerance) },
    { name: 'leaks of', checks: operationLeaks() },
    { name: 'autodiff:', checks: autodiff(tolerance) },
    { name: 'compiled:', checks: [...compiledOperations(tolerance), ...compiledFunctions] },
    { name: 'updates:', checks: updates(tolerance) },
    { name: 'finiteness:', checks: finiteness() },
    { name: 'random:', checks: randomNumbers() },
    { name: 'state:', checks: stateAndDonation() },
    { name: 'reads:', checks: reads() },
    { name: 'exceptions:', checks: exceptions() },
    { name: 'zero size:', checks: zeroSize() },
  ];
}
