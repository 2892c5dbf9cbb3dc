import { beforeAll, describe, it } from 'vitest';
import { refuses } from '../../test/refusals.js';
import { testEngine } from '../../test/test-engine.js';
import { ones, tensor, zeros } from '../create.js';
import { BackendError, ConfigError, ShapeError, type StrataError } from '../errors.js';
import { adaptiveAvgPool2d, adaptiveMaxPool2d } from '../extension/index.js';
import { tidy } from '../memory.js';
import type { DType, Tensor } from '../tensor.js';
import { use } from '../use.js';
import * as ops from './index.js';

beforeAll(async () => void (await use(testEngine())));

type Wrong = readonly [fn: (x: Tensor) => unknown, type: typeof StrataError, ...says: string[]];

/** Each function is given ones of shape [2, 3]. */
const WRONG: Readonly<Record<string, readonly Wrong[]>> = {
  unary: [
    [
      () => ops.exp([1, 2] as unknown as Tensor),
      ShapeError,
      'exp()',
      'an array of 2',
      'tensor(values)',
    ],
    [() => ops.neg(tensor(['a'])), ShapeError, 'string'],
    [(x) => ops.addN([x, ones([2])]), ShapeError, '[2, 3]', '[2]', 'add()'],
    [() => ops.addN([]), ShapeError, 'an empty list'],
    [(x) => ops.addN(x as unknown as Tensor[]), ShapeError, 'list'],
  ],
  activation: [
    [(x) => ops.prelu(x, ones([2])), ShapeError, 'prelu()', '[2]'],
    [(x) => ops.prelu(x, ones([4, 2, 3])), ShapeError, 'alpha'],
    [(x) => ops.softmax(x, 2), ConfigError, 'softmax()', '-2 to 1', 'number 2'],
    [() => ops.softmax(tensor(1)), ConfigError, 'scalar'],
    [(x) => ops.softmax(ops.cast(x, 'int32')), ShapeError, 'float32', 'int32'],
    [(x) => ops.leakyRelu(x, 'a' as unknown as number), ConfigError, 'slope', "'a'"],
  ],
  compare: [
    [(x) => ops.logicalNot(x), ShapeError, 'bool', 'notEqual'],
    [(x) => ops.logicalAnd(ops.equal(x, 1), x), ShapeError, 'b is a float32'],
    [(x) => ops.logicalAnd(ops.equal(x, 1), zeros([2], 'bool')), ShapeError, '[2, 3] and [2]'],
    [(x) => ops.greater(x, tensor(['a'])), ShapeError, 'Text'],
    [() => ops.isNaN(tensor(['a'])), ShapeError, 'string'],
  ],
  reduce: [
    [(x) => ops.sum(x, { axis: 2 }), ConfigError, 'sum()', '2'],
    [(x) => ops.sum(x, { axis: [0, -2] }), ConfigError, 'distinct', '[0, -2]'],
    [(x) => ops.mean(x, { axis: 0.5 }), ConfigError, '0.5'],
    [(x) => ops.mean(x, { axis: 'x' as unknown as number }), ConfigError, "'x'"],
    [(x) => ops.all(x), ShapeError, 'bool', 'notEqual'],
    [() => ops.max(tensor(['a'])), ShapeError, 'string'],
    [(x) => ops.argMax(x, 5), ConfigError, '5'],
    [(x) => ops.topK(x, 4), ConfigError, '4', '[2, 3]'],
    [(x) => ops.topK(x, 0), ConfigError, '0'],
    [() => ops.topK(tensor(1), 1), ShapeError, 'scalar'],
    [(x) => ops.cumsum(x, 2), ConfigError, 'cumsum()'],
  ],
  shape: [
    [(x) => ops.reshape(x, [4]), ShapeError, '[2, 3] (6 elements) to [4]'],
    [(x) => ops.reshape(x, [-1, 4]), ShapeError, '[-1, 4]'],
    [(x) => ops.reshape(x, [-1, -1]), ShapeError, '[-1, -1]'],
    [(x) => ops.reshape(x, 6 as unknown as number[]), ShapeError, 'number 6'],
    [(x) => ops.reshape(x, [2.5, 2.4]), ShapeError, '[2.5, 2.4]'],
    [(x) => ops.transpose(x, [0]), ConfigError, '[0]', '[2, 3]'],
    [(x) => ops.transpose(x, [0, 0]), ConfigError, '[0, 0]'],
    [(x) => ops.transpose(x, [0, 2]), ConfigError, '2'],
    [(x) => ops.expandDims(x, 3), ConfigError, '3'],
    [(x) => ops.squeeze(x, 1), ShapeError, 'axis 1 of shape [2, 3]'],
    [(x) => ops.flatten(x, 2), ConfigError, '2'],
    [(x) => ops.tile(x, [2]), ConfigError, '[2, 3]'],
    [(x) => ops.tile(x, [2, -1]), ConfigError, '-1'],
    [(x) => ops.broadcastTo(x, [3, 3]), ShapeError, '[2, 3] to [3, 3]'],
    [(x) => ops.broadcastTo(x, [3]), ShapeError, '[2, 3] to [3]'],
    [(x) => ops.reverse(x, 2), ConfigError, '2'],
    [(x) => ops.cast(x, 'float64' as DType), ConfigError, "Did you mean 'float32'?"],
    [(x) => ops.cast(x, 'string'), ShapeError, 'string'],
  ],
  join: [
    [() => ops.concat([]), ShapeError, 'concat()', 'empty'],
    [(x) => ops.concat([x, ones([2, 2])]), ShapeError, '[2, 3]', '[2, 2]', 'at axis 0'],
    [(x) => ops.concat([x, ops.cast(x, 'int32')]), ShapeError, 'int32'],
    [(x) => ops.concat([x, ones([2])]), ShapeError, '[2]'],
    [(x) => ops.concat([x], 2), ConfigError, '2'],
    [(x) => ops.stack([x, ones([2])]), ShapeError, 'stack()', '[2]'],
    [(x) => ops.split(x, 2, 1), ShapeError, '2 equal parts of axis 1', '[2, 3]'],
    [(x) => ops.split(x, [1, 3], 1), ShapeError, '[1, 3]'],
    [(x) => ops.split(x, [4, -1], 1), ConfigError, '-1'],
    [(x) => ops.split(x, 0), ConfigError, '0'],
    [() => ops.unstack(tensor(1)), ConfigError, 'scalar'],
  ],
  slice: [
    [(x) => ops.slice(x, [0, 4]), ShapeError, '[0, 4]', '[2, 3]'],
    [(x) => ops.slice(x, [0], [3]), ShapeError, '[3]'],
    [(x) => ops.slice(x, [-1]), ShapeError, '[-1]'],
    [(x) => ops.slice(x, [0, 0, 0]), ShapeError, '[0, 0, 0]'],
    [(x) => ops.stridedSlice(x, [0], [2], [0]), ConfigError, '[0]'],
    [(x) => ops.stridedSlice(x, [0.5], [2]), ShapeError, '[2, 3]'],
    [(x) => ops.stridedSlice(x, [0, 0, 0], []), ShapeError, '3'],
    [(x) => ops.pad(x, [[1, 1]]), ConfigError, '[[1,1]]', '[2, 3]'],
    [
      (x) =>
        ops.pad(x, [
          [1, 1],
          [0, -1],
        ]),
      ConfigError,
      '-1',
    ],
    [
      (x) =>
        ops.mirrorPad(x, [
          [2, 0],
          [0, 0],
        ]),
      ShapeError,
      'at most 1',
      'axis 0',
    ],
    [
      (x) =>
        ops.mirrorPad(
          x,
          [
            [3, 0],
            [0, 0],
          ],
          'symmetric',
        ),
      ShapeError,
      'at most 2',
    ],
    [
      (x) =>
        ops.mirrorPad(
          x,
          [
            [0, 0],
            [0, 0],
          ],
          'wrap' as 'reflect',
        ),
      ConfigError,
      "'wrap'",
    ],
  ],
  gather: [
    [(x) => ops.gather(x, ones([2])), ShapeError, 'int32', 'cast()'],
    [(x) => ops.gather(x, zeros([2], 'int32'), 3), ConfigError, '3'],
    [(x) => ops.gatherNd(x, zeros([2, 3], 'int32')), ShapeError, '[2, 3]'],
    [
      (x) => ops.scatterNd(zeros([2, 1], 'int32'), x, [4, 2]),
      ShapeError,
      'updates would be [2, 2]',
    ],
    [() => ops.oneHot(ones([2]), 3), ShapeError, 'int32'],
    [() => ops.oneHot(zeros([2], 'int32'), 0), ConfigError, 'depth'],
  ],
  matmul: [
    [(x) => ops.matmul(x, x), ShapeError, '[2, 3]', '3 and 2 differ'],
    [(x) => ops.matmul(x, x, { transposeA: true, transposeB: true }), ShapeError, 'transposed'],
    [
      (x) => ops.matmul(x, ones([3])),
      ShapeError,
      'b is a float32 tensor of shape [3]',
      'expandDims()',
    ],
    [(x) => ops.matmul(ops.cast(x, 'int32'), x), ShapeError, 'int32', 'cast()'],
    [() => ops.matmul(ones([2, 1, 1]), ones([3, 1, 1])), ShapeError, '[2] and [3]'],
    [(x) => ops.linear(x, ones([3, 2])), ShapeError, 'looks transposed'],
    [(x) => ops.linear(x, ones([4, 3]), ones([3])), ShapeError, 'bias', '[3]'],
    [(x) => ops.linear(x, ones([3])), ShapeError, 'weight'],
    [(x) => ops.einsum('ij,jk', x), ConfigError, "'ij,jk' for 1 operands"],
    [(x) => ops.einsum('ijk', x), ShapeError, '3 axes', '[2, 3]'],
    [(x) => ops.einsum('ii', x), ShapeError, "2 and 3 for 'i'"],
    [(x) => ops.einsum('ij->k', x), ConfigError, "'k'"],
    [(x) => ops.einsum('ij->ii', x), ConfigError, "'i'"],
    [(x) => ops.einsum('i1->i', x), ConfigError, 'letters'],
    [(x) => ops.einsum('ij->i->j', x), ConfigError, 'letters'],
    [(x) => ops.einsum('i...jk', x), ShapeError, 'at least 3'],
  ],
  conv: [
    [(x) => ops.conv2d(x, ones([1, 1, 3, 1])), ShapeError, '4 axes', '[2, 3]'],
    [(x) => ops.conv2d(image(), x), ShapeError, 'filter'],
    [() => ops.conv2d(image(), ones([3, 3, 3, 4])), ShapeError, '2 channels', 'for 3'],
    [() => ops.conv2d(image(), ones([5, 3, 2, 4])), ShapeError, 'window 5 on 4 + 0', 'axis 0'],
    [() => ops.conv2d(image(), filter(), { dilations: 3 }), ShapeError, 'window 7 (dilated)'],
    [() => ops.conv2d(image(), filter(), { strides: 0 }), ConfigError, 'strides', '0'],
    [
      () => ops.conv2d(image(), ones([3, 3, 1, 2]), { groups: 2, algorithm: 'winograd-2x2' }),
      ConfigError,
      'one group',
    ],
    [() => ops.conv2d(image(), filter(), { groups: 1.5 }), ConfigError, 'groups', '1.5'],
    [() => ops.conv2d(image(), filter(), { groups: 2 }), ConfigError, '2 for 2 and 3 channels'],
    [() => ops.conv2d(image(), ones([3, 3, 2, 4]), { groups: 2 }), ShapeError, 'for 4 in 2 groups'],
    [
      () => ops.conv2d(image(), filter(), { strides: [1, 2, 3] as never }),
      ConfigError,
      '[1, 2, 3]',
    ],
    [() => ops.conv2d(image(), filter(), { padding: 'full' as 'same' }), ConfigError, "'full'"],
    [() => ops.conv2d(image(), filter(), { padding: -1 }), ConfigError, '-1'],
    [() => ops.conv2d(image(), filter(), { padding: [[1, 1]] }), ConfigError, '[[1,1]]'],
    [() => ops.conv2d(image(), filter(), { bias: ones([2]) }), ShapeError, '[3]', '[2]'],
    [
      () => ops.conv2d(image(), filter(), { algorithm: 'winograd' as 'direct' }),
      ConfigError,
      "'im2col'",
      "Received: 'winograd'",
      "Did you mean 'winograd-2x2'?",
    ],
    [
      () => ops.conv2d(image(), ones([2, 3, 2, 3]), { algorithm: 'winograd-4x4' }),
      ConfigError,
      "'winograd-4x4'",
      'a 3x3 filter',
      'a filter [2, 3], strides [1, 1], dilations [1, 1]',
    ],
    [
      () => ops.conv2d(image(), ones([2, 2, 2, 3]), { algorithm: 'fft', dilations: [2, 1] }),
      ConfigError,
      "'fft' of conv2d() needs strides of 1",
      'dilations [2, 1]',
    ],
    [
      () => ops.conv2d(image(), filter(), { algorithm: 'winograd-2x2', strides: [1, 2] }),
      ConfigError,
      'strides [1, 2]',
      "Use 'auto'",
    ],
    [
      () =>
        ops.conv1d(ones([1, 5, 2]), ones([2, 2, 2]), {
          padding: [
            [1, 1],
            [0, 0],
          ],
        }),
      ConfigError,
      'one pair',
    ],
    [() => ops.depthwiseConv2d(image(), ones([3, 3, 3, 1])), ShapeError, 'for 3'],
    [
      () => ops.convTranspose2d(image(), ones([2, 2, 2, 3])),
      ShapeError,
      '[height, width, out, in]',
    ],
    [
      () => ops.convTranspose2d(image(), filter2(), { outputPadding: 1 }),
      ConfigError,
      'less than the stride',
    ],
    [() => ops.convTranspose2d(image(), filter2(), { padding: 9 }), ShapeError, 'less padding'],
    [() => ops.conv3d(image(), ones([1, 1, 1, 2, 1])), ShapeError, '5 axes'],
    [() => ops.maxPool2d(image(), { kernelSize: 5 }), ShapeError, 'maxPool2d()', 'window 5'],
    [() => ops.maxPool2d(image(), {} as ops.Pool2dOptions), ConfigError, 'kernelSize', 'undefined'],
    [
      () => ops.avgPool2d(image(), { kernelSize: 2, padding: 2 }),
      ShapeError,
      'less than its window',
    ],
    [() => ops.avgPool2d(ones([4, 4, 1]), { kernelSize: 2 }), ShapeError, '4 axes'],
    [() => ops.maxPool2dWithIndices(image(), { kernelSize: 5 }), ShapeError, 'WithIndices()'],
    [() => adaptiveAvgPool2d(image(), 0), ConfigError, 'size of adaptiveAvgPool2d()', '0'],
    [() => adaptiveMaxPool2d(image(), [2] as never), ConfigError, 'adaptiveMaxPool2d()', '[2]'],
    [() => adaptiveAvgPool2d(zeros([1, 0, 2, 1]), 1), ShapeError, 'pixels', '[1, 0, 2, 1]'],
    [() => adaptiveMaxPool2d(ones([4, 4, 1]), 1), ShapeError, '4 axes'],
    [() => adaptiveAvgPool2d(ones([1, 4, 4, 1], 'int32'), 1), ShapeError, 'float32', 'int32'],
    [() => ops.resizeBilinear(image(), [0, 2]), ConfigError, 'size', '[0, 2]'],
    [
      () => ops.resizeBilinear(image(), [2, 2], { alignCorners: true, halfPixelCenters: true }),
      ConfigError,
      'both',
    ],
    [() => ops.depthToSpace(image(), 2), ShapeError, 'blockSize² = 4', '[1, 4, 4, 2]'],
    [() => ops.depthToSpace(image(), 0), ConfigError, '0'],
  ],
};

const image = () => ones([1, 4, 4, 2]);
const filter = () => ones([3, 3, 2, 3]);
const filter2 = () => ones([2, 2, 3, 2]);

describe('wrong input is named, received and remedy too, before any kernel runs', () => {
  for (const [group, cases] of Object.entries(WRONG)) {
    it(group, () => {
      for (const [fn, type, ...says] of cases) {
        refuses(() => tidy(() => fn(ones([2, 3]))), type, ...says);
      }
    });
  }

  it('a disposed tensor', () => {
    const x = ones([2, 3]);
    x.dispose();
    for (const fn of [
      ops.relu,
      ops.sum,
      ops.flatten,
      ops.neg,
      ops.softmax,
      ops.argMax,
      ops.unstack,
    ]) {
      refuses(() => fn(x), BackendError, 'disposed', '[2, 3]');
    }
    refuses(() => ops.matmul(x, x), BackendError, 'a of matmul()');
    refuses(() => ops.concat([x]), BackendError, 'tensors[0]');
  });
});
