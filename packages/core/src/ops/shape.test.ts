import { beforeAll, describe } from 'vitest';
import { testGoldenCases } from '../../test/golden-cases.js';
import { testEngine } from '../../test/test-engine.js';
import { tensor } from '../create.js';
import { tidy } from '../memory.js';
import { use } from '../use.js';
import * as ops from './index.js';

beforeAll(async () => void (await use(testEngine())));

const int = (values: number[] | number[][]) => tensor(values, undefined, 'int32');

describe('operations that move elements, against PyTorch', () => {
  testGoldenCases('shape', {
    reshape: (x) => ops.reshape(x, [4, -1]),
    transpose: (x) => ops.transpose(x, [2, 0, -2]),
    transposeReversed: (x) => ops.transpose(x),
    concat: (a, b) => ops.concat([a!, b!], 1),
    stack: (a, b) => ops.stack([a!, b!], -1),
    unstack: (x) =>
      tidy(() => {
        const [a, , c] = ops.unstack(x, 1);
        return ops.mul(a!, c!);
      }),
    split: (x) =>
      tidy(() => {
        const [a, b] = ops.split(x, 2, -1);
        return ops.mul(a!, b!);
      }),
    splitSizes: (x) =>
      tidy(() => {
        const [, b, c] = ops.split(x, [1, 2, 1], 1);
        return ops.mul(ops.sum(b!, { axis: 1 }), ops.squeeze(c!, 1));
      }),
    slice: (x) => ops.slice(x, [1, 1, 0], [-1, 2, 2]),
    stridedSlice: (x) => ops.stridedSlice(x, [null, null, 1], [null, null, 4], [1, 2, 2]),
    stridedSliceBack: (x) => ops.stridedSlice(x, [null, 1, -1], [null, null, -4], [1, 1, -2]),
    pad: (x) =>
      ops.pad(x, [
        [0, 2],
        [1, 0],
      ]),
    mirrorPad: (x) =>
      ops.mirrorPad(x, [
        [1, 2],
        [2, 1],
      ]),
    mirrorPadSymmetric: (x) =>
      ops.mirrorPad(
        x,
        [
          [1, 3],
          [2, 0],
        ],
        'symmetric',
      ),
    tile: (x) => ops.tile(x, [2, 1, 3]),
    tileFive: (x) => ops.tile(x, [1, 2, 1, 1, 2]),
    reverse: (x) => ops.reverse(x, [0, 2]),
    broadcastTo: (x) => ops.broadcastTo(x, [2, 4, 3]),
    gatherFirst: (x) => tidy(() => ops.gather(x, int([2, 0, 2]))),
    gatherMiddle: (x) =>
      tidy(() =>
        ops.gather(
          x,
          int([
            [0, 1],
            [2, 2],
          ]),
          1,
        ),
      ),
    gatherLast: (x) => tidy(() => ops.gather(x, int([3, 3]), -1)),
    gatherNd: (x) =>
      tidy(() =>
        ops.gatherNd(
          x,
          int([
            [0, 2],
            [1, 0],
            [1, 0],
          ]),
        ),
      ),
    scatterNd: (x) => tidy(() => ops.scatterNd(int([[1], [3], [1]]), x, [4, 2])),
    where: (a, b) => tidy(() => ops.where(ops.greater(a, 0), ops.mul(a, a), b)),
    depthToSpace: (x) => ops.depthToSpace(x, 2),
  });
});
