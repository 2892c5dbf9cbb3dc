import { cast, ConfigError, describeValue, equal, greater, sum } from '@stratajs/core';
import { checkSameShape } from './comparable.js';
import { meanTotal } from './mean-total.js';
import type { Metric } from './metric.js';

/**
 * The fraction of elements on the right side of a threshold: (output > threshold) = (target > ½).
 *
 * output: float32 of any shape, target: of the same shape, 0 or 1.
 *
 * @param options.threshold default 0, which is a probability of ½ for outputs that are logits.
 */
export function binaryAccuracy({ threshold = 0 }: { threshold?: number } = {}): Metric {
  if (!Number.isFinite(threshold)) {
    throw new ConfigError(
      `The threshold of binaryAccuracy() is a finite number. Received: ${describeValue(threshold)}.`,
    );
  }
  return meanTotal('int32', (output, target) => {
    checkSameShape('binaryAccuracy', output, target);
    const correct = equal(greater(output, threshold), greater(target, 0.5));
    return { sum: sum(cast(correct, 'int32')), count: target.size };
  });
}
