/** Tensors without elements pass through as any other. */
import * as core from '@stratajs/core';
import type { Check } from '../check.js';
import { assertEqual, assertIdentical, take } from '../compare.js';
import { assertNoLeak } from '../flat-memory.js';

const { zeros } = core;

interface Expectation {
  readonly of: () => core.Tensor;
  readonly shape: readonly number[];
  readonly values: readonly number[];
}

const expectations: Readonly<Record<string, Expectation>> = {
  'tensor([])': { of: () => core.tensor([]), shape: [0], values: [] },
  'zeros([2, 0])': { of: () => zeros([2, 0]), shape: [2, 0], values: [] },
  add: { of: () => core.add(zeros([0, 3]), zeros([0, 3])), shape: [0, 3], values: [] },
  'mul, broadcast': { of: () => core.mul(zeros([0, 3]), zeros([3])), shape: [0, 3], values: [] },
  'add, number': { of: () => core.add(zeros([0]), 1), shape: [0], values: [] },
  relu: { of: () => core.relu(zeros([0, 2])), shape: [0, 2], values: [] },
  exp: { of: () => core.exp(zeros([3, 0])), shape: [3, 0], values: [] },
  sum: { of: () => core.sum(zeros([0, 3])), shape: [], values: [0] },
  'sum, axis of no elements': {
    of: () => core.sum(zeros([0, 3]), { axis: 0 }),
    shape: [3],
    values: [0, 0, 0],
  },
  'sum, other axis': { of: () => core.sum(zeros([0, 3]), { axis: 1 }), shape: [0], values: [] },
  prod: { of: () => core.prod(zeros([0])), shape: [], values: [1] },
  reshape: { of: () => core.reshape(zeros([0, 3]), [3, 0, 2]), shape: [3, 0, 2], values: [] },
  transpose: { of: () => core.transpose(zeros([0, 3])), shape: [3, 0], values: [] },
  concat: {
    of: () => core.concat([zeros([0, 2]), core.ones([1, 2])]),
    shape: [1, 2],
    values: [1, 1],
  },
  slice: { of: () => core.slice(core.ones([3, 2]), [1, 0], [0, 2]), shape: [0, 2], values: [] },
  cast: { of: () => core.cast(zeros([0]), 'int32'), shape: [0], values: [] },
  greater: { of: () => core.greater(zeros([0]), 0), shape: [0], values: [] },
  'gather, no indices': {
    of: () => core.gather(core.ones([3, 2]), core.tensor([], [0], 'int32')),
    shape: [0, 2],
    values: [],
  },
  'matmul, no rows': {
    of: () => core.matmul(zeros([0, 3]), core.ones([3, 2])),
    shape: [0, 2],
    values: [],
  },
  'matmul, nothing to sum': {
    of: () => core.matmul(zeros([2, 0]), zeros([0, 2])),
    shape: [2, 2],
    values: [0, 0, 0, 0],
  },
  'linear, no rows': {
    of: () => core.linear(zeros([0, 3]), core.ones([2, 3]), core.ones([2])),
    shape: [0, 2],
    values: [],
  },
  'conv2d, no images': {
    of: () => core.conv2d(zeros([0, 4, 4, 1]), core.ones([2, 2, 1, 3])),
    shape: [0, 3, 3, 3],
    values: [],
  },
  'maxPool2d, no images': {
    of: () => core.maxPool2d(zeros([0, 4, 4, 1]), { kernelSize: 2 }),
    shape: [0, 2, 2, 1],
    values: [],
  },
  'softmax, no rows': { of: () => core.softmax(zeros([0, 3])), shape: [0, 3], values: [] },
  'softmaxCrossEntropy, no rows': {
    of: () => core.softmaxCrossEntropy(zeros([0, 3]), core.tensor([], [0], 'int32')),
    shape: [0],
    values: [],
  },
  dropout: { of: () => core.dropout(zeros([0, 3]), 0.5), shape: [0, 3], values: [] },
  firstNonFinite: { of: () => core.firstNonFinite([zeros([0])]), shape: [], values: [-1] },
  'the gradient of sum(square)': {
    of: () => core.grad((x) => core.sum(core.square(x)))(zeros([0, 3])),
    shape: [0, 3],
    values: [],
  },
  'the gradient of matmul for weights without rows of data': {
    of: () => core.grad((w) => core.sum(core.matmul(zeros([0, 3]), w)))(core.ones([3, 2])),
    shape: [3, 2],
    values: [0, 0, 0, 0, 0, 0],
  },
};

export function zeroSize(): Check[] {
  return Object.entries(expectations).map(([name, { of, shape, values }]) => ({
    name,
    async run() {
      await assertNoLeak('It', () => core.tidy(() => void of()));
      const t = core.tidy(of);
      assertEqual('The shape is wrong', t.shape, shape);
      assertIdentical('The elements', await take(t), values);
    },
  }));
}
