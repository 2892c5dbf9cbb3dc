/** Convolutions of NHWC images, forward and with both gradients. */
import {
  conv2d,
  convTranspose2d,
  depthwiseConv2d,
  Rng,
  type Shape,
  type Tensor,
  valueAndVjp,
} from '@stratajs/core';
import { product, repeat, type Workload } from './workload.js';

interface Convolution {
  readonly name: string;
  readonly title: string;
  readonly x: Shape;
  readonly filter: Shape;
  readonly y: Shape;
  /** Multiply-adds for one element of y. */
  readonly depth: number;
  readonly bar: number;
  readonly forwardBar?: number;
  of(x: Tensor, filter: Tensor): Tensor;
}

const convolutions: readonly Convolution[] = [
  {
    name: 'conv-3x3',
    title: 'conv 3x3, 8x56x56x64→64',
    x: [8, 56, 56, 64],
    filter: [3, 3, 64, 64],
    y: [8, 56, 56, 64],
    depth: 9 * 64,
    bar: 1 / 1.2,
    forwardBar: 1,
    of: (x, filter) => conv2d(x, filter, { padding: 1 }),
  },
  {
    name: 'conv-7x7',
    title: 'conv 7x7/2, 8x224x224x3→64',
    x: [8, 224, 224, 3],
    filter: [7, 7, 3, 64],
    y: [8, 112, 112, 64],
    depth: 49 * 3,
    bar: 1,
    of: (x, filter) => conv2d(x, filter, { padding: 3, strides: 2 }),
  },
  {
    name: 'conv-1x1',
    title: 'conv 1x1, 8x28x28x256→512',
    x: [8, 28, 28, 256],
    filter: [1, 1, 256, 512],
    y: [8, 28, 28, 512],
    depth: 256,
    bar: 1,
    of: (x, filter) => conv2d(x, filter),
  },
  {
    name: 'conv-depthwise',
    title: 'depthwise 3x3, 8x56x56x128',
    x: [8, 56, 56, 128],
    filter: [3, 3, 128, 1],
    y: [8, 56, 56, 128],
    depth: 9,
    bar: 1,
    of: (x, filter) => depthwiseConv2d(x, filter, { padding: 1 }),
  },
  {
    name: 'conv-grouped',
    title: 'conv 3x3 in 32 groups, 8x28x28x256→256',
    x: [8, 28, 28, 256],
    filter: [3, 3, 8, 256],
    y: [8, 28, 28, 256],
    depth: 9 * 8,
    bar: 1,
    of: (x, filter) => conv2d(x, filter, { padding: 1, groups: 32 }),
  },
  {
    name: 'conv-transposed',
    title: 'transposed 4x4/2, 8x16x16x128→64',
    x: [8, 16, 16, 128],
    filter: [4, 4, 64, 128],
    y: [8, 32, 32, 64],
    // Every output meets a quarter of the taps.
    depth: 4 * 128,
    bar: 1,
    of: (x, filter) => convTranspose2d(x, filter, { padding: 1, strides: 2 }),
  },
];

function forward(c: Convolution, bar: number): Workload {
  return {
    name: `${c.name}-forward`,
    title: `${c.title}, forward`,
    flops: 2 * product(c.y) * c.depth,
    bytes: 4 * (product(c.x) + product(c.filter) + product(c.y)),
    bar,
    layouts: true,
    prepare() {
      const rng = new Rng(1);
      const x = rng.normal(c.x);
      const filter = rng.normal(c.filter);
      return repeat(() => c.of(x, filter));
    },
  };
}

function training(c: Convolution): Workload {
  return {
    name: c.name,
    title: `${c.title}, forward and both gradients`,
    flops: 3 * 2 * product(c.y) * c.depth,
    // Each pass reads two of input, filter and output, and writes the third.
    bytes: 3 * 4 * (product(c.x) + product(c.filter) + product(c.y)),
    bar: c.bar,
    layouts: true,
    prepare() {
      const rng = new Rng(1);
      const x = rng.normal(c.x);
      const filter = rng.normal(c.filter);
      const dy = rng.normal(c.y);
      return repeat(() => {
        const { value, grads } = valueAndVjp(c.of, [x, filter], dy);
        const [dx, dFilter] = grads as [Tensor, Tensor];
        value.dispose();
        dx.dispose();
        return dFilter;
      });
    },
  };
}

export const convolutionWorkloads: readonly Workload[] = convolutions.flatMap((c) => [
  ...(c.forwardBar === undefined ? [] : [forward(c, c.forwardBar)]),
  training(c),
]);
