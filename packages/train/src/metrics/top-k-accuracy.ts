import {
  cast,
  ConfigError,
  describeValue,
  equal,
  expandDims,
  ShapeError,
  sum,
  topK,
} from '@stratajs/core';
import { checkClassification } from './comparable.js';
import { meanTotal } from './mean-total.js';
import type { Metric } from './metric.js';

/**
 * The fraction of samples whose target is among the k greatest outputs. Ties go to the lower index.
 *
 * output: float32 [N, classes], classes ≥ k; target: int32 [N].
 *
 * @param k default 5.
 * @throws ConfigError when k is not an integer of at least 1.
 */
export function topKAccuracy(k: number = 5): Metric {
  if (!Number.isInteger(k) || k < 1) {
    throw new ConfigError(
      `The k of topKAccuracy() is an integer of at least 1. Received: ${describeValue(k)}.`,
    );
  }
  return meanTotal('int32', (output, target) => {
    checkClassification('topKAccuracy', output, target);
    if (output.shape[1]! < k) {
      throw new ShapeError(
        `topKAccuracy() looks among at least k classes. Received: k=${k} and ${describeValue(output)}. Take a smaller k.`,
      );
    }
    const { indices } = topK(output, k); // [N, k]
    const hits = equal(indices, expandDims(target, 1)); // [N, k], at most one true a row
    return { sum: sum(cast(hits, 'int32')), count: target.size };
  });
}
