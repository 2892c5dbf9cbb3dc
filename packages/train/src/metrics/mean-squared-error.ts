import { squaredDifference, sum } from '@stratajs/core';
import { checkSameShape } from './comparable.js';
import { meanTotal } from './mean-total.js';
import type { Metric } from './metric.js';

/** The mean of (output − target)² over all elements of all batches. One shape, any rank. */
export function meanSquaredError(): Metric {
  return meanTotal('float32', (output, target) => {
    checkSameShape('meanSquaredError', output, target);
    return { sum: sum(squaredDifference(output, target)), count: target.size };
  });
}
