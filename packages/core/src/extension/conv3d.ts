/** Three-dimensional convolution with any padding and dilations: the kernels of conv3d(). */
import { type Attributes, run } from '../engine.js';
import { dilated } from '../ops/dilate.js';
import { pad } from '../ops/pad.js';
import { sum } from '../ops/reduce.js';
import { slice, stridedSlice } from '../ops/slice.js';
import type { Shape, Tensor } from '../tensor.js';
import { plus } from './composite.js';
import type { ExtensionKernel } from './kernel.js';

const FORWARD = 'StrataConv3d';
const OF_INPUT = 'StrataConv3dBackpropInput';
const OF_FILTER = 'StrataConv3dBackpropFilter';

/** What the three kernels have in common; all lists are [depth, height, width]. */
export interface Window3d {
  readonly strides: readonly number[];
  readonly dilations: readonly number[];
  /** [before, after] of each axis. */
  readonly pad: readonly (readonly [number, number])[];
}

export function runConv3d(
  x: Tensor,
  filter: Tensor,
  bias: Tensor | undefined,
  window: Window3d,
): Tensor {
  return run(FORWARD, bias ? { x, filter, bias } : { x, filter }, { ...window });
}

function ofInput(dy: Tensor, filter: Tensor, inputShape: Shape, attrs: Attributes): Tensor {
  return run(OF_INPUT, { dy, filter }, { ...windowOf(attrs), inputShape });
}

function ofFilter(x: Tensor, dy: Tensor, filterShape: Shape, attrs: Attributes): Tensor {
  return run(OF_FILTER, { x, dy }, { ...windowOf(attrs), filterShape });
}

export const conv3dKernel: ExtensionKernel = {
  name: FORWARD,
  composite: ({ x, filter, bias }, attrs) => {
    const window = windowOf(attrs);
    const y = run(
      'Conv3D',
      { x: padded(x!, window), filter: dilated(filter!, window.dilations) },
      {
        strides: window.strides,
        pad: 'valid',
        dataFormat: 'NDHWC',
        dilations: [1, 1, 1],
      },
    );
    return bias ? plus(y, bias) : y;
  },
  gradient: {
    saved: ['x', 'filter'],
    of: (dy, saved, attrs) => {
      const [x, filter] = saved as [Tensor, Tensor];
      return {
        x: () => ofInput(dy, filter, x.shape, attrs),
        filter: () => ofFilter(x, dy, filter.shape, attrs),
        bias: () => sum(dy, { axis: [0, 1, 2, 3] }),
      };
    },
  },
};

export const conv3dInputKernel: ExtensionKernel = {
  name: OF_INPUT,
  composite: ({ dy, filter }, attrs) => {
    const { strides, dilations, pad } = windowOf(attrs);
    const inputShape = attrs['inputShape'] as number[];
    const dx = run(
      'Conv3DBackpropInputV2',
      { dy: dy!, filter: dilated(filter!, dilations) },
      {
        strides,
        pad: 'valid',
        inputShape: inputShape.map((size, i) =>
          i === 0 || i === 4 ? size : size + pad[i - 1]![0] + pad[i - 1]![1],
        ),
      },
    );
    return slice(dx, [0, ...pad.map(([before]) => before), 0], inputShape);
  },
  // It is linear in dy and in the filter.
  gradient: {
    saved: ['dy', 'filter'],
    of: (ddx, saved, attrs) => {
      const [dy, filter] = saved as [Tensor, Tensor];
      return {
        dy: () => runConv3d(ddx, filter, undefined, windowOf(attrs)),
        filter: () => ofFilter(ddx, dy, filter.shape, attrs),
      };
    },
  },
};

export const conv3dFilterKernel: ExtensionKernel = {
  name: OF_FILTER,
  composite: ({ x, dy }, attrs) => {
    const window = windowOf(attrs);
    const { strides, dilations } = window;
    const reach = (attrs['filterShape'] as number[]).map((size, i) =>
      i < 3 ? (size - 1) * dilations[i]! + 1 : size,
    );
    const gradient = run(
      'Conv3DBackpropFilterV2',
      { x: padded(x!, window), dy: dy! },
      { strides, pad: 'valid', filterShape: reach },
    );
    // What lies between the taps of the dilated filter is no gradient of it.
    return dilations.every((d) => d === 1) ? gradient : stridedSlice(gradient, [], [], dilations);
  },
  // It is linear in x and in dy.
  gradient: {
    saved: ['x', 'dy'],
    of: (ddw, saved, attrs) => {
      const [x, dy] = saved as [Tensor, Tensor];
      return {
        x: () => ofInput(dy, ddw, x.shape, attrs),
        dy: () => runConv3d(x, ddw, undefined, windowOf(attrs)),
      };
    },
  },
};

function windowOf(attrs: Attributes): Window3d {
  const { strides, dilations, pad } = attrs as unknown as Window3d;
  return { strides, dilations, pad };
}

function padded(x: Tensor, window: Window3d): Tensor {
  return pad(x, [[0, 0], ...window.pad, [0, 0]]);
}
