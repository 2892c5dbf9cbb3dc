import { abs, sub, sum } from '@stratajs/core';
import { checkSameShape } from './comparable.js';
import { meanTotal } from './mean-total.js';
import type { Metric } from './metric.js';

/** The mean of |output − target| over all elements of all batches. One shape, any rank. */
export function meanAbsoluteError(): Metric {
  return meanTotal('float32', (output, target) => {
    checkSameShape('meanAbsoluteError', output, target);
    return { sum: sum(abs(sub(output, target))), count: target.size };
  });
}
