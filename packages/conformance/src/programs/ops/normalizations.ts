/** Normalization by mean and variance, as in training. */
import * as core from '@stratajs/core';
import type { Drawing, Value } from '../drawing.js';
import { sizeOf } from '../program.js';
import type { ProgramOps } from './program-op.js';

/** Large enough that groups of equal values are well-conditioned, too. */
const EPSILON = 0.125;

type Normalized = { epsilon: number; weighted: boolean; biased: boolean };

function argument(d: Drawing, leastRank: number): Value {
  return d.take({
    fits: (s) => s.length >= leastRank && sizeOf(s) > 0,
    shape: () => d.shape(leastRank, 4, 1),
    low: -16,
    high: 16,
  });
}

/** x with γ and β, each there or not. */
function affine(
  d: Drawing,
  x: Value,
  shape: readonly number[],
): { inputs: Value[]; options: Normalized } {
  const [weighted, biased] = [d.chance(0.6), d.chance(0.6)];
  const bounds = { low: -4, high: 4 };
  return {
    inputs: [
      x,
      ...(weighted ? [d.takeShape(shape, bounds)] : []),
      ...(biased ? [d.takeShape(shape, bounds)] : []),
    ],
    options: { epsilon: EPSILON, weighted, biased },
  };
}

function optionsOf(
  xs: readonly core.Tensor[],
  { epsilon, weighted, biased }: Normalized,
): core.NormalizeOptions {
  return {
    epsilon,
    weight: weighted ? xs[1] : undefined,
    bias: biased ? xs[weighted ? 2 : 1] : undefined,
  };
}

function result(shape: readonly number[]): Value {
  // At most the root of the number of values, times γ.
  const most = 4 * Math.sqrt(sizeOf(shape)) + 4;
  return { shape, dtype: 'float32', low: -most, high: most };
}

export const normalizations: ProgramOps = {
  batchNorm: {
    draw(d) {
      const x = argument(d, 2);
      const channels = [x.shape.at(-1)!];
      return {
        ...affine(d, x, channels),
        results: [
          result(x.shape),
          { shape: channels, dtype: 'float32', low: -16, high: 16 },
          { shape: channels, dtype: 'float32', low: 0, high: 256 },
        ],
      };
    },
    apply(xs, options: Normalized) {
      const { y, mean, variance } = core.batchNorm(xs[0], optionsOf(xs, options));
      return [y, mean, variance];
    },
  },
  layerNorm: {
    draw(d) {
      const x = argument(d, 1);
      const normalizedShape = x.shape.slice(-d.between(1, x.shape.length));
      const { inputs, options } = affine(d, x, normalizedShape);
      return { inputs, options: { ...options, normalizedShape }, results: [result(x.shape)] };
    },
    apply: (xs, options: Normalized & { normalizedShape: number[] }) =>
      core.layerNorm(xs[0], options.normalizedShape, optionsOf(xs, options)),
  },
  groupNorm: {
    draw(d) {
      const x = argument(d, 2);
      const channels = x.shape.at(-1)!;
      const groups = d.pick([1, 2, 3, 4, channels].filter((n) => channels % n === 0));
      const { inputs, options } = affine(d, x, [channels]);
      return { inputs, options: { ...options, groups }, results: [result(x.shape)] };
    },
    apply: (xs, options: Normalized & { groups: number }) =>
      core.groupNorm(xs[0], options.groups, optionsOf(xs, options)),
  },
};
