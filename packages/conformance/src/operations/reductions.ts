import * as core from '@stratajs/core';
import type { Table } from './types.js';

/** Operations of golden/reductions.py. */
export const reductions: Table = {
  sum: (x) => core.sum(x),
  'sum, axis': (x) => core.sum(x, { axis: 1 }),
  'sum, axes kept': (x) => core.sum(x, { axis: [0, -1], keepDims: true }),
  mean: (x) => core.mean(x),
  'mean, axes': (x) => core.mean(x, { axis: [0, 2] }),
  prod: (x) => core.prod(x),
  'prod, axis': (x) => core.prod(x, { axis: 1 }),
  max: (x) => core.max(x),
  'max, axis': (x) => core.max(x, { axis: -1 }),
  'max, axes kept': (x) => core.max(x, { axis: [1, 2], keepDims: true }),
  min: (x) => core.min(x),
  'min, axis': (x) => core.min(x, { axis: 0 }),
  variance: (x) => core.variance(x),
  'variance, axis': (x) => core.variance(x, { axis: -1 }),
  norm: (x) => core.norm(x),
  'norm, axis': (x) => core.norm(x, { axis: 1 }),
  logSumExp: (x) => core.logSumExp(x),
  'logSumExp, axis kept': (x) => core.logSumExp(x, [1], true),
  cumsum: (x) => core.cumsum(x, 1),
  'cumsum, exclusive': (x) => core.cumsum(x, 0, { exclusive: true }),
  'cumsum, reverse': (x) => core.cumsum(x, 2, { reverse: true }),
  topK: (x) =>
    core.tidy(() => {
      const { values } = core.topK(x, 2);
      return values;
    }),
  sort: (x) => core.sort(x),
  'sort, descending along an axis': (x) => core.sort(x, -2, { descending: true }),
  argsort: (x) => core.argsort(x, 0),
  'argsort, descending': (x) => core.argsort(x, 2, { descending: true }),
  argMax: (x) => core.argMax(x, 1),
  argMin: (x) => core.argMin(x),
};
