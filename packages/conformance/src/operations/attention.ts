import * as core from '@stratajs/core';
import type { Table } from './types.js';

const everyThirdKey = (): core.Tensor =>
  core.notEqual(core.constant(Array.from({ length: 150 }, (_, key) => key % 3)), 1);

/** Operations of golden/attention.py. */
export const attention: Table = {
  scaledDotProductAttention: (q, k, v) => core.scaledDotProductAttention(q, k, v),
  'scaledDotProductAttention, causal': (q, k, v) =>
    core.scaledDotProductAttention(q, k, v, { causal: true }),
  'scaledDotProductAttention, added mask': (...[q, k, v, mask]: readonly core.Tensor[]) =>
    core.scaledDotProductAttention(q!, k!, v!, { mask }),
  'scaledDotProductAttention, lengths': (q, k, v) =>
    core.tidy(() =>
      core.scaledDotProductAttention(q, k, v, { lengths: core.constant([2, 5], [2], 'int32') }),
    ),
  'scaledDotProductAttention, 150x150': (q, k, v) =>
    core.tidy(() =>
      core.scaledDotProductAttention(q, k, v, { causal: true, mask: everyThirdKey() }),
    ),
  attentionWeights: (q, k) => core.attentionWeights(q, k),
};
