/** What most metrics are: a sum over samples or elements, divided by how many there were. */
import { add, tensor, type Tensor, type TensorData } from '@stratajs/core';
import type { Metric } from './metric.js';

/** The sum over one batch (a scalar of the total's dtype) and how many went into it. */
export interface BatchTotal {
  readonly sum: Tensor;
  readonly count: number;
}

/**
 * value = Σ sum / Σ count over the batches. Counts are int32, exact up to 2³¹ samples; so are sums
 * of dtype int32. float32 sums are rounded once per batch.
 */
export function meanTotal(
  dtype: 'int32' | 'float32',
  measure: (output: Tensor, target: Tensor) => BatchTotal,
): Metric {
  return {
    init: () => ({ sum: tensor(0, [], dtype), count: tensor(0, [], 'int32') }),
    update(totals, output, target) {
      const { sum, count } = measure(output, target);
      return { sum: add(totals['sum']!, sum), count: add(totals['count']!, count) };
    },
    value: (totals) => first(totals['sum']) / first(totals['count']),
  };
}

function first(data: TensorData | undefined): number {
  return Number(data?.[0]);
}
