/**
 * Convolutions. tfjs's gradients refuse dilations: the grouped convolution's kernels, which know them, are run
 * instead. The fused kernel, the filter's gradient and the depthwise gradients have none of their own. The choice of
 * an algorithm passes on to every gradient but those of dilated filters.
 */
import { type Attributes, run } from '../../engine.js';
import type { Tensor } from '../../tensor.js';
import { groupedConv2dFilter, groupedConv2dInput } from '../../extension/grouped-conv2d.js';
import { sum } from '../reduce.js';
import { reshape } from '../shape.js';
import { inherited, type KernelGradient } from './kernel-gradient.js';
import { checkLinear } from './matmul.js';

export function convolutionGradients(): readonly KernelGradient[] {
  const other = inherited('Conv2D');
  return [
    {
      kernel: 'Conv2D',
      inputs: ['x', 'filter'],
      of: (dy, saved, attrs) =>
        attrs['dataFormat'] === 'NCHW'
          ? other(dy, saved, attrs)
          : conv2d(dy, saved as [Tensor, Tensor], attrs),
    },
    {
      kernel: 'FusedConv2D',
      inputs: ['x', 'filter'],
      of: (dy, saved, attrs) => {
        checkLinear('FusedConv2D', attrs);
        return {
          ...conv2d(dy, saved as [Tensor, Tensor], attrs),
          bias: () => sum(dy, { axis: [0, 1, 2] }),
        };
      },
    },
    {
      kernel: 'Conv2DBackpropFilter',
      inputs: ['x', 'dy'],
      of: (ddw, saved, attrs) => {
        const [x, dy] = saved as [Tensor, Tensor];
        const { strides, pad, dataFormat, dimRoundingMode, algorithm } = attrs;
        const window = { strides, pad, dataFormat, dimRoundingMode, algorithm };
        return {
          x: () =>
            run('Conv2DBackpropInput', { dy, filter: ddw }, { ...window, inputShape: x.shape }),
          dy: () => run('Conv2D', { x, filter: ddw }, { ...window, dilations: 1 }),
        };
      },
    },
    {
      kernel: 'Conv2DBackpropInput',
      inputs: ['dy', 'filter'],
      of: (ddx, saved, attrs) => {
        const [dy, filter] = saved as [Tensor, Tensor];
        const { strides, pad, dataFormat, dimRoundingMode, algorithm } = attrs;
        const window = { strides, pad, dataFormat, dimRoundingMode, algorithm };
        return {
          dy: () => run('Conv2D', { x: ddx, filter }, { ...window, dilations: 1 }),
          filter: () =>
            run('Conv2DBackpropFilter', { x: ddx, dy }, { ...window, filterShape: filter.shape }),
        };
      },
    },
    {
      kernel: 'DepthwiseConv2dNative',
      inputs: ['x', 'filter'],
      of: (dy, saved, attrs) => depthwise(dy, saved as [Tensor, Tensor], attrs),
    },
    {
      kernel: 'FusedDepthwiseConv2D',
      inputs: ['x', 'filter'],
      of: (dy, saved, attrs) => {
        checkLinear('FusedDepthwiseConv2D', attrs);
        return {
          ...depthwise(dy, saved as [Tensor, Tensor], attrs),
          bias: () => sum(dy, { axis: [0, 1, 2] }),
        };
      },
    },
    {
      kernel: 'DepthwiseConv2dNativeBackpropInput',
      inputs: ['dy', 'filter'],
      of: (ddx, saved, attrs) => {
        const [dy, filter] = saved as [Tensor, Tensor];
        return {
          dy: () => run('DepthwiseConv2dNative', { x: ddx, filter }, depthwiseWindow(attrs)),
          filter: () => depthwiseFilter(ddx, dy, filter, attrs),
        };
      },
    },
    {
      kernel: 'DepthwiseConv2dNativeBackpropFilter',
      inputs: ['x', 'dy'],
      of: (ddw, saved, attrs) => {
        const [x, dy] = saved as [Tensor, Tensor];
        return {
          x: () => depthwiseInput(x, dy, ddw, attrs),
          dy: () => run('DepthwiseConv2dNative', { x, filter: ddw }, depthwiseWindow(attrs)),
        };
      },
    },
  ];
}

function conv2d(
  dy: Tensor,
  [x, filter]: readonly [Tensor, Tensor],
  attrs: Attributes,
): Record<'x' | 'filter', () => Tensor> {
  const { strides, pad, dataFormat, dimRoundingMode, algorithm } = attrs;
  if (!isUndilated(attrs)) return grouped(dy, x, filter, { ...window2d(attrs), groups: 1 });
  const window = { strides, pad, dataFormat, dimRoundingMode, algorithm };
  return {
    x: () => run('Conv2DBackpropInput', { dy, filter }, { ...window, inputShape: x.shape }),
    filter: () => run('Conv2DBackpropFilter', { x, dy }, { ...window, filterShape: filter.shape }),
  };
}

function depthwise(
  dy: Tensor,
  [x, filter]: readonly [Tensor, Tensor],
  attrs: Attributes,
): Record<'x' | 'filter', () => Tensor> {
  if (isUndilated(attrs)) {
    return {
      x: () => depthwiseInput(x, dy, filter, attrs),
      filter: () => depthwiseFilter(x, dy, filter, attrs),
    };
  }
  const [h, w, channels, multiplier] = filter.shape as [number, number, number, number];
  const flat = reshape(filter, [h, w, 1, channels * multiplier]);
  const of = grouped(dy, x, flat, { ...window2d(attrs), groups: channels });
  return { x: of.x, filter: () => reshape(of.filter(), filter.shape) };
}

/** By the kernels that know dilations. */
function grouped(
  dy: Tensor,
  x: Tensor,
  filter: Tensor,
  attrs: Attributes,
): Record<'x' | 'filter', () => Tensor> {
  return {
    x: () => groupedConv2dInput(dy, filter, x.shape, attrs),
    filter: () => groupedConv2dFilter(x, dy, filter.shape, attrs),
  };
}

function pair(value: unknown): [number, number] {
  if (Array.isArray(value)) return value as [number, number];
  return typeof value === 'number' ? [value, value] : [1, 1];
}

function isUndilated(attrs: Attributes): boolean {
  return pair(attrs['dilations']).every((d) => d === 1);
}

/** tfjs's attributes in the form of our kernels. */
function window2d(attrs: Attributes): Attributes {
  const { strides, pad, dilations } = attrs;
  return { strides: pair(strides), dilations: pair(dilations), pad };
}

function depthwiseWindow(attrs: Attributes): Record<string, unknown> {
  const { strides, pad, dimRoundingMode } = attrs;
  return { strides, pad, dimRoundingMode, dilations: [1, 1], dataFormat: 'NHWC' };
}

function depthwiseInput(x: Tensor, dy: Tensor, filter: Tensor, attrs: Attributes): Tensor {
  return run(
    'DepthwiseConv2dNativeBackpropInput',
    { dy, filter },
    { ...depthwiseWindow(attrs), inputShape: x.shape },
  );
}

function depthwiseFilter(x: Tensor, dy: Tensor, filter: Tensor, attrs: Attributes): Tensor {
  return run(
    'DepthwiseConv2dNativeBackpropFilter',
    { x, dy },
    { ...depthwiseWindow(attrs), filterShape: filter.shape },
  );
}
