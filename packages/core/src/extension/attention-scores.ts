/** The formula of attention in operations that have gradients themselves. */
import { noGrad } from '../autodiff/tape.js';
import { run } from '../engine.js';
import { add, div, mul, sub } from '../ops/binary.js';
import { equal, less, lessEqual } from '../ops/compare.js';
import { matmul } from '../ops/matmul.js';
import { max, sum } from '../ops/reduce.js';
import { reshape } from '../ops/shape.js';
import { exp, log } from '../ops/unary.js';
import { where } from '../ops/where.js';
import type { Tensor } from '../tensor.js';

export interface AttentionAttributes {
  readonly causal: boolean;
  readonly scale: number;
}

/**
 * The softmax of each row of scale·q·kᵀ + mask, [..., L, S], of which what the masks take away is −∞; zeros where that is
 * all of a row. And ln Σ e^score of each row, [..., L, 1]: −∞ there.
 */
export function weigh(
  q: Tensor,
  k: Tensor,
  mask: Tensor | undefined,
  lengths: Tensor | undefined,
  attributes: AttentionAttributes,
): { weights: Tensor; logSumExp: Tensor } {
  const scores = masked(q, k, mask, lengths, attributes);
  const along = { axis: -1, keepDims: true };
  const shift = noGrad(() => {
    const top = max(scores, along);
    return where(equal(top, -Infinity), 0, top); // −∞ − (−∞) would be NaN
  });
  const terms = exp(sub(scores, shift));
  const total = sum(terms, along);
  const divisor = where(equal(total, 0), 1, total);
  return { weights: div(terms, divisor), logSumExp: add(log(total), shift) };
}

function masked(
  q: Tensor,
  k: Tensor,
  mask: Tensor | undefined,
  lengths: Tensor | undefined,
  { causal, scale }: AttentionAttributes,
): Tensor {
  const [rows, columns] = [q.shape.at(-2)!, k.shape.at(-2)!];
  let scores = mul(matmul(q, k, { transposeB: true }), scale);
  if (mask?.dtype === 'float32') scores = add(scores, mask);
  if (mask?.dtype === 'bool') scores = where(mask, scores, -Infinity);
  if (causal) {
    const seen = lessEqual(numbers(columns), reshape(numbers(rows), [rows, 1]));
    scores = where(seen, scores, -Infinity);
  }
  if (lengths) {
    const perMatrix = [lengths.shape[0]!, ...q.shape.slice(1).map(() => 1)];
    const inside = less(numbers(columns), reshape(lengths, perMatrix));
    scores = where(inside, scores, -Infinity);
  }
  return scores;
}

function numbers(count: number): Tensor {
  return run('Range', {}, { start: 0, stop: count, step: 1, dtype: 'int32' });
}
