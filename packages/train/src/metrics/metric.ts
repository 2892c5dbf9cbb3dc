import type { Tensor, TensorData } from '@stratajs/core';

/**
 * A measure of outputs against targets over many batches. Its totals live on the device, so that a
 * step reads nothing; they are read once, when the value is asked for.
 *
 * The trainer owns the totals: it frees those that `init()` and `update()` return, saves them in
 * checkpoints, and sets them back on resume. A metric itself holds no state.
 */
export interface Metric {
  /** The totals before the first batch, by name. Shapes and dtypes stay the same from then on. */
  init(): Record<string, Tensor>;
  /**
   * The totals after one more batch. Runs inside `tidy()` and without gradient; must not read values.
   *
   * @throws ShapeError when output and target are not what the metric compares.
   */
  update(totals: MetricTotals, output: Tensor, target: Tensor): Record<string, Tensor>;
  /** The metric, from the totals as read; NaN when they count nothing. */
  value(totals: Readonly<Record<string, TensorData>>): number;
}

/** Totals by name; each name that `init()` gave is there. */
export type MetricTotals = Readonly<Record<string, Tensor>>;
