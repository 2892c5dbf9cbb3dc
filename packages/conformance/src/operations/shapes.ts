import * as core from '@stratajs/core';
import type { Table } from './types.js';

const int32 = (values: core.TensorLike): core.Tensor => core.constant(values, undefined, 'int32');

/** Operations of golden/shapes.py. */
export const shapes: Table = {
  reshape: (x) => core.reshape(x, [4, 6]),
  flatten: (x) => core.flatten(x),
  transpose: (x) => core.transpose(x),
  'transpose, permutation': (x) => core.transpose(x, [2, 0, 1]),
  expandDims: (x) => core.expandDims(x, 1),
  squeeze: (x) => core.squeeze(x, [1]),
  concat: (a, b) => core.concat([a, b], 1),
  stack: (a, b) => core.stack([a, b], 1),
  unstack: (x) =>
    core.tidy(() => {
      const columns = core.unstack(x, 1);
      return core.add(core.mul(columns[1]!, 2), columns[2]!);
    }),
  split: (x) => core.tidy(() => core.split(x, [1, 3], 1)[1]!),
  slice: (x) => core.slice(x, [1, 0, 1], [1, 2, 2]),
  stridedSlice: (x) => core.stridedSlice(x, [0, 1], [3, 4], [2, 2]),
  pad: (x) =>
    core.pad(
      x,
      [
        [1, 0],
        [2, 1],
      ],
      0.5,
    ),
  'mirrorPad, reflect': (x) =>
    core.mirrorPad(
      x,
      [
        [0, 0],
        [2, 1],
      ],
      'reflect',
    ),
  'mirrorPad, symmetric': (x) =>
    core.mirrorPad(
      x,
      [
        [0, 0],
        [1, 2],
      ],
      'symmetric',
    ),
  tile: (x) => core.tile(x, [2, 3]),
  reverse: (x) => core.reverse(x, [1]),
  broadcastTo: (x) => core.broadcastTo(x, [2, 3, 4]),
  gather: (x) => core.tidy(() => core.gather(x, int32([2, 0, 2]), 1)),
  'gather, rows': (x) =>
    core.tidy(() =>
      core.gather(
        x,
        int32([
          [1, 0],
          [2, 1],
        ]),
      ),
    ),
  gatherNd: (x) =>
    core.tidy(() =>
      core.gatherNd(
        x,
        int32([
          [0, 1],
          [2, 3],
          [0, 1],
        ]),
      ),
    ),
  scatterNd: (x) => core.tidy(() => core.scatterNd(int32([[3], [1], [3]]), x, [4, 2])),
  cast: (x) => core.cast(x, 'float32'),
  identity: (x) => core.identity(x),
  depthToSpace: (x) => core.depthToSpace(x, 2),
};
