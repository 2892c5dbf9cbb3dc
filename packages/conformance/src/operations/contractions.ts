import * as core from '@stratajs/core';
import type { Table } from './types.js';

/** Operations of golden/contractions.py. */
export const contractions: Table = {
  matmul: (a, b) => core.matmul(a, b),
  'matmul, transposeA': (a, b) => core.matmul(a, b, { transposeA: true }),
  'matmul, transposeB': (a, b) => core.matmul(a, b, { transposeB: true }),
  'matmul, transposed both': (a, b) => core.matmul(a, b, { transposeA: true, transposeB: true }),
  'matmul, 17x35x19': (a, b) => core.matmul(a, b),
  'matmul, batched': (a, b) => core.matmul(a, b),
  'matmul, batch broadcast': (a, b) => core.matmul(a, b),
  linear: (x, w, b) => core.linear(x, w, b),
  'linear, without bias': (x, w) => core.linear(x, w),
  'einsum, ij,jk->ki': (a, b) => core.einsum('ij,jk->ki', a, b),
  'einsum, bij,bkj->bik': (a, b) => core.einsum('bij,bkj->bik', a, b),
  'einsum, ij->j': (x) => core.einsum('ij->j', x),

  'conv2d, valid': (x, w) => core.conv2d(x, w),
  'conv2d, bias': (x, w, b) => core.conv2d(x, w, { bias: b }),
  'conv2d, same': (x, w) => core.conv2d(x, w, { padding: 'same' }),
  'conv2d, same, strides 2': (x, w) => core.conv2d(x, w, { padding: 'same', strides: 2 }),
  'conv2d, padding 1, strides 2': (x, w) => core.conv2d(x, w, { padding: 1, strides: 2 }),
  'conv2d, padding uneven': (x, w) =>
    core.conv2d(x, w, {
      padding: [
        [2, 0],
        [0, 1],
      ],
    }),
  'conv2d, dilations 2': (x, w) => core.conv2d(x, w, { padding: 'same', dilations: 2 }),
  'conv2d, 1x1': (x, w) => core.conv2d(x, w),
  'conv2d, 5x5 of one channel': (x, w) => core.conv2d(x, w, { padding: 'same' }),
  'conv2d, 16 to 17 channels': (x, w) => core.conv2d(x, w, { padding: 'same' }),
  depthwiseConv2d: (x, w) => core.depthwiseConv2d(x, w, { padding: 'same' }),
  'depthwiseConv2d, multiplier 2, strides 2': (x, w) => core.depthwiseConv2d(x, w, { strides: 2 }),
  'convTranspose2d, strides 2': (x, w) => core.convTranspose2d(x, w, { strides: 2 }),
  'convTranspose2d, 3x3': (x, w) => core.convTranspose2d(x, w),
  conv1d: (x, w) => core.conv1d(x, w),
  'conv1d, strides 2': (x, w) => core.conv1d(x, w, { strides: 2 }),
  conv3d: (x, w) => core.conv3d(x, w),

  maxPool2d: (x) => core.maxPool2d(x, { kernelSize: 2 }),
  'maxPool2d, overlapping': (x) => core.maxPool2d(x, { kernelSize: 3, strides: 2 }),
  'maxPool2d, same': (x) => core.maxPool2d(x, { kernelSize: 3, strides: 2, padding: 'same' }),
  avgPool2d: (x) => core.avgPool2d(x, { kernelSize: 2 }),
  'avgPool2d, same': (x) => core.avgPool2d(x, { kernelSize: 3, strides: 2, padding: 'same' }),
  'maxPool2d, padding 1': (x) => core.maxPool2d(x, { kernelSize: 3, strides: 2, padding: 1 }),
  'avgPool2d, padding 1': (x) => core.avgPool2d(x, { kernelSize: 3, strides: 2, padding: 1 }),
  adaptiveAvgPool2d: (x) => core.adaptiveAvgPool2d(x, [2, 4]),
  adaptiveMaxPool2d: (x) => core.adaptiveMaxPool2d(x, [2, 4]),
  maxPool2dWithIndices: (x) => {
    const { values, indices } = core.maxPool2dWithIndices(x, { kernelSize: 3, strides: 2 });
    indices.dispose();
    return values;
  },
  'depthwiseConv2d, dilations 2': (x, w) =>
    core.depthwiseConv2d(x, w, { padding: 'same', dilations: 2 }),
  'convTranspose2d, padding 1, strides 2': (x, w) =>
    core.convTranspose2d(x, w, { padding: 1, strides: 2 }),
  'convTranspose2d, outputPadding 1': (x, w) =>
    core.convTranspose2d(x, w, { padding: 1, strides: 2, outputPadding: 1 }),
  resizeBilinear: (x) => core.resizeBilinear(x, [7, 9]),
  'resizeBilinear, smaller': (x) => core.resizeBilinear(x, [2, 3]),
  'resizeBilinear, alignCorners': (x) => core.resizeBilinear(x, [5, 6], { alignCorners: true }),
  resizeNearestNeighbor: (x) => core.resizeNearestNeighbor(x, [6, 5]),
  'resizeNearestNeighbor, halfPixelCenters': (x) =>
    core.resizeNearestNeighbor(x, [5, 3], { halfPixelCenters: true }),
  'conv2d, groups': (x, w, b) => core.conv2d(x, w, { bias: b, padding: 1, groups: 4 }),
  'conv2d, groups, strides 2': (x, w) =>
    core.conv2d(x, w, { padding: 'same', strides: 2, groups: 2 }),
  'conv2d, groups, dilations 2': (x, w) =>
    core.conv2d(x, w, { padding: 'same', dilations: 2, groups: 2 }),
  'conv2d, a group for each channel': (x, w) => core.conv2d(x, w, { padding: 1, groups: 8 }),
  'conv2d, strides 2, dilations 2': (x, w) =>
    core.conv2d(x, w, { padding: 1, strides: 2, dilations: 2 }),
  'depthwiseConv2d, bias': (x, w, b) => core.depthwiseConv2d(x, w, { bias: b, padding: 1 }),
  'depthwiseConv2d, strides 2, dilations 2': (x, w) =>
    core.depthwiseConv2d(x, w, { padding: 1, strides: 2, dilations: 2 }),
  'convTranspose2d, bias': (x, w, b) =>
    core.convTranspose2d(x, w, { bias: b, strides: 2, padding: 1 }),
  'convTranspose2d, groups, dilations 2': (x, w, b) =>
    core.convTranspose2d(x, w, { bias: b, strides: 2, dilations: 2, groups: 4 }),
  'convTranspose2d, a group for each channel, bias': (x, w, b) =>
    core.convTranspose2d(x, w, { bias: b, strides: 2, groups: 8 }),
  'conv3d, bias, strides, padding, dilations': (x, w, b) =>
    core.conv3d(x, w, { bias: b, strides: [1, 2, 1], padding: 1, dilations: [2, 1, 1] }),
  'conv1d, groups': (x, w) => core.conv1d(x, w, { padding: 1, groups: 2 }),
};
