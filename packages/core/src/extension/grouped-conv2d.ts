/** Convolution in groups, and with strides and dilations together: the kernels of conv2d() with `groups`. */
import { type Attributes, run } from '../engine.js';
import { BackendError } from '../errors.js';
import { dilated } from '../ops/dilate.js';
import { concat } from '../ops/join.js';
import { sum } from '../ops/reduce.js';
import { slice, stridedSlice } from '../ops/slice.js';
import type { Shape, Tensor } from '../tensor.js';
import { plus, reshape } from './composite.js';
import type { ExtensionKernel } from './kernel.js';

const FORWARD = 'StrataGroupedConv2d';
const OF_INPUT = 'StrataGroupedConv2dBackpropInput';
const OF_FILTER = 'StrataGroupedConv2dBackpropFilter';

/** Those of tfjs's fused convolution, but for the ones that take parameters. */
const ACTIVATIONS: Readonly<Record<string, string>> = {
  relu: 'Relu',
  relu6: 'Relu6',
  elu: 'Elu',
  sigmoid: 'Sigmoid',
  tanh: 'Tanh',
};

export function groupedConv2d(
  x: Tensor,
  filter: Tensor,
  bias: Tensor | undefined,
  attrs: Attributes,
): Tensor {
  return run(FORWARD, bias ? { x, filter, bias } : { x, filter }, attrs);
}

/** The gradient with respect to x; with a bias added to it, a transposed convolution. */
export function groupedConv2dInput(
  dy: Tensor,
  filter: Tensor,
  inputShape: Shape,
  attrs: Attributes,
  bias?: Tensor,
): Tensor {
  const inputs = bias ? { dy, filter, bias } : { dy, filter };
  return run(OF_INPUT, inputs, { ...window(attrs), inputShape });
}

/** The gradient with respect to the filter. */
export function groupedConv2dFilter(
  x: Tensor,
  dy: Tensor,
  filterShape: Shape,
  attrs: Attributes,
): Tensor {
  return run(OF_FILTER, { x, dy }, { ...window(attrs), filterShape });
}

export const groupedConv2dKernel: ExtensionKernel = {
  name: FORWARD,
  composite: ({ x, filter, bias }, attrs) => {
    const groups = attrs['groups'] as number;
    const spread = dilated(filter!, attrs['dilations'] as number[]);
    let y = isDepthwise(spread.shape, groups)
      ? run('DepthwiseConv2dNative', { x: x!, filter: byChannel(spread, groups) }, undilated(attrs))
      : joined(groups, (g) =>
          run(
            'Conv2D',
            { x: part(x!, g, groups), filter: part(spread, g, groups) },
            undilated(attrs),
          ),
        );
    if (bias) y = plus(y, bias);
    const activation = ACTIVATIONS[(attrs['activation'] as string | undefined) ?? 'linear'];
    return activation === undefined ? y : run(activation, { x: y });
  },
  gradient: {
    saved: ['x', 'filter'],
    of: (dy, saved, attrs) => {
      const [x, filter] = saved as [Tensor, Tensor];
      const { activation } = attrs;
      if (activation !== undefined && activation !== 'linear') {
        throw new BackendError(
          `The gradient of the kernel ${FORWARD} takes the activation 'linear'. Received: '${String(activation)}'. Apply the activation after it.`,
        );
      }
      return {
        x: () => groupedConv2dInput(dy, filter, x.shape, attrs),
        filter: () => groupedConv2dFilter(x, dy, filter.shape, attrs),
        bias: () => sum(dy, { axis: [0, 1, 2] }),
      };
    },
  },
};

export const groupedConv2dInputKernel: ExtensionKernel = {
  name: OF_INPUT,
  composite: ({ dy, filter, bias }, attrs) => {
    const groups = attrs['groups'] as number;
    const [n, h, w, channels] = attrs['inputShape'] as [number, number, number, number];
    const spread = dilated(filter!, attrs['dilations'] as number[]);
    const dx = isDepthwise(spread.shape, groups)
      ? run(
          'DepthwiseConv2dNativeBackpropInput',
          { dy: dy!, filter: byChannel(spread, groups) },
          { ...undilated(attrs), inputShape: [n, h, w, channels] },
        )
      : joined(groups, (g) =>
          run(
            'Conv2DBackpropInput',
            { dy: part(dy!, g, groups), filter: part(spread, g, groups) },
            { ...undilated(attrs), inputShape: [n, h, w, channels / groups] },
          ),
        );
    return bias ? plus(dx, bias) : dx;
  },
  // It is linear in dy and in the filter.
  gradient: {
    saved: ['dy', 'filter'],
    of: (ddx, saved, attrs) => {
      const [dy, filter] = saved as [Tensor, Tensor];
      return {
        dy: () => groupedConv2d(ddx, filter, undefined, window(attrs)),
        filter: () => groupedConv2dFilter(ddx, dy, filter.shape, attrs),
        bias: () => sum(ddx, { axis: [0, 1, 2] }),
      };
    },
  },
};

export const groupedConv2dFilterKernel: ExtensionKernel = {
  name: OF_FILTER,
  composite: ({ x, dy }, attrs) => {
    const groups = attrs['groups'] as number;
    const dilations = attrs['dilations'] as number[];
    const [h, w, channels, outputs] = attrs['filterShape'] as [number, number, number, number];
    const reach = [h, w].map((taps, i) => (taps - 1) * dilations[i]! + 1);
    const gradient = isDepthwise([h, w, channels, outputs], groups)
      ? reshape(
          run(
            'DepthwiseConv2dNativeBackpropFilter',
            { x: x!, dy: dy! },
            { ...undilated(attrs), filterShape: [...reach, groups, outputs / groups] },
          ),
          [...reach, 1, outputs],
        )
      : joined(groups, (g) =>
          run(
            'Conv2DBackpropFilter',
            { x: part(x!, g, groups), dy: part(dy!, g, groups) },
            { ...undilated(attrs), filterShape: [...reach, channels, outputs / groups] },
          ),
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
        x: () => groupedConv2dInput(dy, ddw, x.shape, attrs),
        dy: () => groupedConv2d(x, ddw, undefined, window(attrs)),
      };
    },
  },
};

/** What the three kernels have in common. */
function window({ strides, dilations, pad, groups }: Attributes): Attributes {
  return { strides, dilations, pad, groups };
}

/** Of tfjs's kernels, for a filter that is spread out with zeros: their gradients know no dilations. */
function undilated({ strides, pad }: Attributes): Attributes {
  return { strides, pad, dataFormat: 'NHWC', dilations: [1, 1], dimRoundingMode: undefined };
}

/** Whether each channel is a group of its own. (A single one is a plain convolution just as well.) */
function isDepthwise(filterShape: Shape, groups: number): boolean {
  return groups > 1 && filterShape[2] === 1;
}

/** [h, w, 1, O] → [h, w, C, O/C]: the same elements in the same order. */
function byChannel(filter: Tensor, channels: number): Tensor {
  const [h, w, , outputs] = filter.shape as [number, number, number, number];
  return reshape(filter, [h, w, channels, outputs / channels]);
}

/** The channels of a group: of the last axis. */
function part(x: Tensor, group: number, groups: number): Tensor {
  if (groups === 1) return x;
  const count = x.shape[3]! / groups;
  return slice(x, [0, 0, 0, group * count], [-1, -1, -1, count]);
}

function joined(groups: number, ofGroup: (group: number) => Tensor): Tensor {
  if (groups === 1) return ofGroup(0);
  return concat(
    Array.from({ length: groups }, (_, g) => ofGroup(g)),
    3,
  );
}
