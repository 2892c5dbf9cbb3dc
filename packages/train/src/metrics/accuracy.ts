import { argMax, cast, equal, sum } from '@stratajs/core';
import { checkClassification } from './comparable.js';
import { meanTotal } from './mean-total.js';
import type { Metric } from './metric.js';

/**
 * The fraction of samples whose greatest output is that of the target's class:
 * #{i : argmaxⱼ output[i, j] = target[i]} / N. Ties go to the lower index.
 *
 * output: float32 [N, classes], target: int32 [N].
 */
export function accuracy(): Metric {
  return meanTotal('int32', (output, target) => {
    checkClassification('accuracy', output, target);
    const correct = equal(argMax(output, -1), target); // [N]
    return { sum: sum(cast(correct, 'int32')), count: target.size };
  });
}
