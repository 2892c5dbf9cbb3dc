/** The three passes of a convolution, by each algorithm but the direct one. */
import type { NumericArray } from '../storage/data-table.js';
import type { Algorithm } from './convolution-algorithm.js';
import { sizes } from './conv-sizes.js';
import { type Pass, passSizes } from './convolution-sizes.js';
import { fourierCost } from './fourier-cost.js';
import { type Runtime, sizeOf } from './kernel.js';

type Values = NumericArray;

/** Each computes into its last array; `sizes` holds the sizes. */
interface Passes {
  forward(
    runtime: Runtime,
    x: Values,
    filter: Values,
    bias: Values | null,
    activation: number,
    y: Values,
  ): void;
  input(runtime: Runtime, dy: Values, filter: Values, dx: Values): void;
  filter(runtime: Runtime, x: Values, dy: Values, dfilter: Values): void;
}

const winograd = (tile: 2 | 4): Passes => ({
  forward: ({ native }, x, filter, bias, activation, y) =>
    native.winogradConv2d(x, filter, bias, y, sizes, activation, tile),
  input: ({ native }, dy, filter, dx) =>
    native.winogradConv2dBackpropInput(dy, filter, dx, sizes, tile),
  filter: ({ native }, x, dy, dfilter) =>
    native.winogradConv2dBackpropFilter(x, dy, dfilter, sizes, tile),
});

/** [m, n, k, transposeA, transposeB, activation, 1, 1, 1], as native/kernels/matmul.cc reads it. */
const productSizes = new Int32Array(9).fill(1);

/** Patches of an image and channels of a result, as the sides of the product that a convolution is. */
const patchRows = (): number => sizes[0]! * sizes[4]! * sizes[5]!;
const patchLength = (): number => sizes[7]! * sizes[8]! * sizes[3]!;

/** Calls `use` with memory for all patches, which is free again after it. */
function withPatches({ backend }: Runtime, use: (patches: NumericArray) => void): void {
  const shape = [patchRows(), patchLength()];
  const patches = backend.allocate(shape, 'float32', sizeOf(shape));
  try {
    use(backend.values(patches));
  } finally {
    backend.disposeData(patches.dataId);
  }
}

const im2col: Passes = {
  forward: (runtime, x, filter, bias, activation, y) =>
    withPatches(runtime, (patches) => {
      runtime.native.im2col(x, patches, sizes);
      productSizes.set([patchRows(), sizes[6]!, patchLength(), 0, 0, activation]);
      runtime.native.matmul(patches, filter, bias, y, productSizes);
    }),
  input: (runtime, dy, filter, dx) =>
    withPatches(runtime, (patches) => {
      productSizes.set([patchRows(), patchLength(), sizes[6]!, 0, 1, 0]);
      runtime.native.matmul(dy, filter, null, patches, productSizes);
      runtime.native.col2im(patches, dx, sizes);
    }),
  filter: (runtime, x, dy, dfilter) =>
    withPatches(runtime, (patches) => {
      runtime.native.im2col(x, patches, sizes);
      productSizes.set([patchLength(), sizes[6]!, patchRows(), 1, 0, 0]);
      runtime.native.matmul(patches, dy, null, dfilter, productSizes);
    }),
};

const side = (pass: Pass): number => fourierCost(passSizes(pass, sizes)).side;

const fft: Passes = {
  forward: ({ native }, x, filter, bias, activation, y) =>
    native.fftConv2d(x, filter, bias, y, sizes, activation, side('forward')),
  input: ({ native }, dy, filter, dx) =>
    native.fftConv2dBackpropInput(dy, filter, dx, sizes, side('input')),
  filter: ({ native }, x, dy, dfilter) =>
    native.fftConv2dBackpropFilter(x, dy, dfilter, sizes, side('filter')),
};

export const PASSES: Readonly<Record<Exclude<Algorithm, 'direct'>, Passes>> = {
  im2col,
  'winograd-2x2': winograd(2),
  'winograd-4x4': winograd(4),
  fft,
};
