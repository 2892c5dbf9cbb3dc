import { beforeAll, describe } from 'vitest';
import { testGoldenCases } from '../../test/golden-cases.js';
import { testEngine } from '../../test/test-engine.js';
import { use } from '../use.js';
import * as ops from './index.js';

beforeAll(async () => void (await use(testEngine())));

describe('convolutions, against PyTorch', () => {
  testGoldenCases('conv', {
    valid: (x, w) => ops.conv2d(x, w),
    bias: (x, w, bias) => ops.conv2d(x, w, { bias }),
    same: (x, w, bias) => ops.conv2d(x, w, { bias, strides: [2, 1], padding: 'same' }),
    number: (x, w) => ops.conv2d(x, w, { strides: 2, padding: 1 }),
    pairs: (x, w, bias) =>
      ops.conv2d(x, w, {
        bias,
        strides: [1, 2],
        padding: [
          [2, 0],
          [0, 1],
        ],
      }),
    dilated: (x, w, bias) => ops.conv2d(x, w, { bias, padding: 1, dilations: [2, 3] }),
    dilatedSame: (x, w) => ops.conv2d(x, w, { padding: 'same', dilations: 2 }),
    cut: (x, w) => ops.conv2d(x, w, { strides: 3 }),
    conv1d: (x, w, bias) => ops.conv1d(x, w, { bias, strides: 2, padding: 1 }),
    conv1dDilated: (x, w) => ops.conv1d(x, w, { dilations: 2, padding: [[2, 0]] }),
    depthwise: (x, w, bias) => ops.depthwiseConv2d(x, w, { bias, padding: 1 }),
    depthwiseStrided: (x, w) => ops.depthwiseConv2d(x, w, { strides: 2, padding: 'same' }),
    depthwiseDilated: (x, w) => ops.depthwiseConv2d(x, w, { dilations: 2 }),
    depthwiseBoth: (x, w) => ops.depthwiseConv2d(x, w, { strides: 2, dilations: 2, padding: 1 }),
    transposed: (x, w, bias) => ops.convTranspose2d(x, w, { bias }),
    transposedStrided: (x, w) =>
      ops.convTranspose2d(x, w, { strides: 2, padding: 1, outputPadding: 1 }),
    transposedDilated: (x, w) => ops.convTranspose2d(x, w, { strides: 2, dilations: 2 }),
    transposedSame: (x, w) => ops.convTranspose2d(x, w, { strides: 2, padding: 'same' }),
    conv3d: (x, w, bias) => ops.conv3d(x, w, { bias, strides: [1, 2, 1], padding: 1 }),
    conv3dDilated: (x, w) => ops.conv3d(x, w, { dilations: [1, 2, 1] }),
  });
});
