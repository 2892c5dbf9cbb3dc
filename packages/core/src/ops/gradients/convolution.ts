/**
 * Convolutions. tfjs's gradients refuse dilations: here the filter is spread out with zeros instead.
 * The fused kernel, the filter's gradient and the depthwise gradients have none of their own. The choice of
 * an algorithm passes on to every gradient.
 */
import { type Attributes, run } from '../../engine.js';
import type { Tensor } from '../../tensor.js';
import { dilated } from '../dilate.js';
import { sum } from '../reduce.js';
import { stridedSlice } from '../slice.js';
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
      kernel: 'Conv3DBackpropInputV2',
      inputs: ['dy', 'filter'],
      of: (ddx, saved, { strides, pad }) => {
        const [dy, filter] = saved as [Tensor, Tensor];
        return {
          dy: () => run('Conv3D', { x: ddx, filter }, volume(strides, pad)),
          filter: () =>
            run(
              'Conv3DBackpropFilterV2',
              { x: ddx, dy },
              { strides, pad, filterShape: filter.shape },
            ),
        };
      },
    },
    {
      kernel: 'Conv3DBackpropFilterV2',
      inputs: ['x', 'dy'],
      of: (ddw, saved, { strides, pad }) => {
        const [x, dy] = saved as [Tensor, Tensor];
        return {
          x: () =>
            run(
              'Conv3DBackpropInputV2',
              { dy, filter: ddw },
              { strides, pad, inputShape: x.shape },
            ),
          dy: () => run('Conv3D', { x, filter: ddw }, volume(strides, pad)),
        };
      },
    },
    {
      kernel: 'DepthwiseConv2dNative',
      inputs: ['x', 'filter'],
      of: (dy, saved, attrs) => depthwise(dy, saved as [Tensor, Tensor], attrs),
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

function pair(value: unknown): [number, number] {
  if (Array.isArray(value)) return value as [number, number];
  return typeof value === 'number' ? [value, value] : [1, 1];
}

/** The gradient of a dilated filter, cut down to its taps. */
function taps(gradient: Tensor, dilations: readonly number[]): Tensor {
  return dilations.every((d) => d === 1) ? gradient : stridedSlice(gradient, [], [], dilations);
}

function conv2d(
  dy: Tensor,
  [x, filter]: readonly [Tensor, Tensor],
  attrs: Attributes,
): Record<'x' | 'filter', () => Tensor> {
  const { strides, pad, dataFormat, dimRoundingMode, algorithm } = attrs;
  const dilations = pair(attrs['dilations']);
  const window = { strides, pad, dataFormat, dimRoundingMode, algorithm };
  const [h, w, ...channels] = filter.shape as [number, number, number, number];
  const reach = [(h - 1) * dilations[0] + 1, (w - 1) * dilations[1] + 1, ...channels];
  return {
    x: () =>
      run(
        'Conv2DBackpropInput',
        { dy, filter: dilated(filter, dilations) },
        { ...window, inputShape: x.shape },
      ),
    filter: () =>
      taps(run('Conv2DBackpropFilter', { x, dy }, { ...window, filterShape: reach }), dilations),
  };
}

function volume(strides: unknown, pad: unknown): Attributes {
  return { strides, pad, dataFormat: 'NDHWC', dilations: [1, 1, 1] };
}

function depthwise(
  dy: Tensor,
  [x, filter]: readonly [Tensor, Tensor],
  attrs: Attributes,
): Record<'x' | 'filter', () => Tensor> {
  const dilations = pair(attrs['dilations']);
  const spread = (): Tensor => dilated(filter, dilations);
  return {
    x: () => depthwiseInput(x, dy, spread(), attrs),
    filter: () => taps(depthwiseFilter(x, dy, spread(), attrs), dilations),
  };
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
