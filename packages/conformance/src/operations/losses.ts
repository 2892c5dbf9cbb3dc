import * as core from '@stratajs/core';
import type { Table } from './types.js';

const labels = (): core.Tensor => core.constant([2, 0, 4, 1], [4], 'int32');

/** Operations of golden/losses.py. */
export const losses: Table = {
  softmaxCrossEntropy: (x) => core.tidy(() => core.softmaxCrossEntropy(x, labels())),
  'softmaxCrossEntropy, labelSmoothing': (x) =>
    core.tidy(() => core.softmaxCrossEntropy(x, labels(), { labelSmoothing: 0.1 })),
  'softmaxCrossEntropy, large logits': (x) =>
    core.tidy(() => core.softmaxCrossEntropy(x, labels())),
};
