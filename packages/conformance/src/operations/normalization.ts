import * as core from '@stratajs/core';
import type { Table } from './types.js';

const batchNorm = (x: core.Tensor, options: core.NormalizeOptions = {}): core.Tensor =>
  core.tidy(() => core.batchNorm(x, options).y);

const groupNorm =
  (groups: number) =>
  (x: core.Tensor, weight?: core.Tensor, bias?: core.Tensor): core.Tensor =>
    core.groupNorm(x, groups, { weight, bias });

/** Operations of golden/normalization.py. */
export const normalization: Table = {
  batchNorm: (x, weight, bias) => batchNorm(x, { weight, bias }),
  'batchNorm, epsilon': (x) => batchNorm(x, { epsilon: 0.1 }),
  'batchNorm, 600x16': (x, weight, bias) => batchNorm(x, { weight, bias }),
  'batchNorm, 70x130': (x, weight, bias) => batchNorm(x, { weight, bias }),
  'batchNorm, far from zero': (x, weight, bias) => batchNorm(x, { weight, bias }),
  'batchNorm, its statistics': (x) =>
    core.tidy(() => {
      const { mean, variance } = core.batchNorm(x);
      return core.mul(mean, variance);
    }),
  layerNorm: (x, weight, bias) => core.layerNorm(x, 7, { weight, bias }),
  'layerNorm, two axes': (x, weight, bias) => core.layerNorm(x, [3, 5], { weight, bias }),
  'layerNorm, 40x257': (x, weight, bias) => core.layerNorm(x, 257, { weight, bias }),
  'layerNorm, far from zero': (x) => core.layerNorm(x, 50),
  groupNorm: groupNorm(2),
  'groupNorm, one group': (x) => core.groupNorm(x, 1),
  'groupNorm, a group per channel': groupNorm(4),
  'groupNorm, no positions': groupNorm(3),
  'groupNorm, 300x32': groupNorm(8),
};
