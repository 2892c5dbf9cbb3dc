import { beforeAll, describe } from 'vitest';
import { testGoldenCases } from '../../test/golden-cases.js';
import { testEngine } from '../../test/test-engine.js';
import { use } from '../use.js';
import { conv1d, conv2d, conv3d, convTranspose2d, depthwiseConv2d } from './index.js';

beforeAll(async () => void (await use(testEngine())));

// The test engine has no kernels of its own: these are the composites.
describe('convolutions in groups, against PyTorch', () => {
  testGoldenCases('grouped', {
    bias: (x, w, bias) => conv2d(x, w, { bias, padding: 1, groups: 3 }),
    same: (x, w) => conv2d(x, w, { strides: [2, 1], padding: 'same', groups: 3 }),
    strided: (x, w) =>
      conv2d(x, w, {
        strides: 2,
        padding: [
          [2, 0],
          [0, 1],
        ],
        groups: 2,
      }),
    dilated: (x, w, bias) =>
      conv2d(x, w, {
        bias,
        dilations: [2, 1],
        padding: [
          [2, 2],
          [1, 1],
        ],
        groups: 2,
      }),
    both: (x, w, bias) =>
      conv2d(x, w, { bias, strides: [2, 1], dilations: 2, padding: 2, groups: 2 }),
    byChannel: (x, w, bias) => conv2d(x, w, { bias, padding: 1, groups: 6 }),
    one: (x, w) => conv2d(x, w, { strides: 2, dilations: 2, padding: 1 }),
    depthwiseBias: (x, w, bias) =>
      depthwiseConv2d(x, w, { bias, strides: 2, dilations: [2, 1], padding: 1 }),
    transposed: (x, w, bias) => convTranspose2d(x, w, { bias, strides: 2, padding: 1, groups: 3 }),
    transposedDilated: (x, w, bias) =>
      convTranspose2d(x, w, { bias, strides: [2, 1], dilations: [1, 2], groups: 2 }),
    transposedByChannel: (x, w, bias) => convTranspose2d(x, w, { bias, strides: 2, groups: 6 }),
    conv1d: (x, w, bias) => conv1d(x, w, { bias, strides: 2, padding: 1, groups: 2 }),
    conv3dBoth: (x, w, bias) =>
      conv3d(x, w, {
        bias,
        strides: [1, 2, 1],
        dilations: [2, 1, 1],
        padding: [
          [2, 2],
          [1, 1],
          [0, 0],
        ],
      }),
  });
});
