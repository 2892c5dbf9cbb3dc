/**
 * Gradients of convolutions, each as a convolution of XNNPACK's. tfjs has no WASM kernel for those with
 * respect to the filter; its kernel for the input loops, at a tenth of this speed.
 */
import { type backend_util, type TensorInfo } from '@tensorflow/tfjs-core';
import { type ConvAttributes, convolutionInfo } from '../kernels/conv-sizes.js';
import { sameShape } from '../kernels/kernel.js';
import { type Convolve, convolver } from './convolve.js';
import {
  isFloat,
  type MakeWasmKernel,
  using,
  type WasmKernelSet,
  type WasmRuntime,
} from './kernel.js';

type Kind = 'full' | 'depthwise';
type Shape4 = [number, number, number, number];

/**
 * dx = (dy, its pixels `stride` apart) ∗ (filter turned by 180°, channels exchanged), with as much padding
 * as the window overlaps.
 */
function backpropInput(
  kind: Kind,
): MakeWasmKernel<
  { readonly dy: TensorInfo; readonly filter: TensorInfo },
  ConvAttributes & { readonly inputShape: number[] }
> {
  return (runtime) => {
    const convolve = convolver(runtime, kind);
    return ({ dy, filter }, attributes) => {
      const { inputShape } = attributes;
      if (!isFloat(dy, filter)) return undefined;
      const info = convolutionInfo(inputShape, filter.shape, attributes, kind === 'depthwise');
      if (info === null || !sameShape(dy.shape, info.outShape) || !canTurnRound(info, kind)) {
        return undefined;
      }
      return using(runtime, spread(runtime, dy, info), (spreadDy) =>
        using(runtime, turned(runtime, filter, kind), (turnedFilter) =>
          convolve(spreadDy, turnedFilter, {
            strideHeight: 1,
            strideWidth: 1,
            dilationHeight: info.dilationHeight,
            dilationWidth: info.dilationWidth,
            outHeight: info.inHeight,
            outWidth: info.inWidth,
            top: (info.filterHeight - 1) * info.dilationHeight - info.padInfo.top,
            left: (info.filterWidth - 1) * info.dilationWidth - info.padInfo.left,
          }),
        ),
      );
    };
  };
}

/** Steps so long that most of the work would be on the zeros between dy's pixels. */
const MOST_SPREAD = 12;

function canTurnRound(info: backend_util.Conv2DInfo, kind: Kind): boolean {
  const { strideHeight, strideWidth, inChannels, outChannels } = info;
  if (info.inShape.includes(0) || info.outShape.includes(0)) return false;
  if (kind === 'depthwise' && inChannels !== outChannels) return false;
  return strideHeight * strideWidth <= MOST_SPREAD;
}

/** dy with stride − 1 zeros between its pixels. */
function spread(
  { backend }: WasmRuntime,
  dy: TensorInfo,
  { strideHeight, strideWidth }: backend_util.Conv2DInfo,
): TensorInfo {
  if (strideHeight === 1 && strideWidth === 1) return backend.share(dy);
  const [batch, height, width, channels] = dy.shape as Shape4;
  const wideHeight = (height - 1) * strideHeight + 1;
  const wideWidth = (width - 1) * strideWidth + 1;
  const wide = backend.makeOutput([batch, wideHeight, wideWidth, channels], 'float32');
  const from = backend.typedArrayFromHeap(dy);
  const to = backend.typedArrayFromHeap(wide).fill(0);
  for (let row = 0, at = 0; row < batch * height; row++) {
    const image = Math.floor(row / height);
    const line = image * wideHeight + (row - image * height) * strideHeight;
    for (let column = 0; column < width; column++, at += channels) {
      const target = (line * wideWidth + column * strideWidth) * channels;
      for (let c = 0; c < channels; c++) to[target + c] = from[at + c] as number;
    }
  }
  return wide;
}

/** The filter back to front; a full one also with its input and output channels exchanged. */
function turned(runtime: WasmRuntime, filter: TensorInfo, kind: Kind): TensorInfo {
  const reversed = runtime.run('Reverse', { x: filter }, { dims: [0, 1] });
  if (kind === 'depthwise') return reversed;
  return using(runtime, reversed, (x) => runtime.run('Transpose', { x }, { perm: [0, 1, 3, 2] }));
}

/**
 * dw [KH, KW, C, O]: the images with their channels for a batch [C, H, W, N], convolved with dy for a
 * filter [OH, OW, N, O]. Its dilation is the convolution's stride, and its stride the dilation.
 */
const backpropFilter: MakeWasmKernel<
  { readonly x: TensorInfo; readonly dy: TensorInfo },
  ConvAttributes & { readonly filterShape: number[] }
> = (runtime) => {
  const convolve = convolver(runtime, 'full');
  return ({ x, dy }, attributes) => {
    const { filterShape } = attributes;
    if (!isFloat(x, dy)) return undefined;
    const info = convolutionInfo(x.shape, filterShape, attributes);
    if (info === null || !sameShape(dy.shape, info.outShape)) return undefined;
    if (info.inShape.includes(0) || info.outShape.includes(0)) return undefined;
    const { run } = runtime;
    return using(runtime, run('Transpose', { x }, { perm: [3, 1, 2, 0] }), (images) =>
      using(runtime, run('Transpose', { x: dy }, { perm: [1, 2, 0, 3] }), (filter) => {
        const gradient = filterGradient(runtime, convolve, images, filter, info);
        return using(runtime, gradient, (g) => run('Transpose', { x: g }, { perm: [1, 2, 0, 3] }));
      }),
    );
  };
};

/** [C, KH, KW, O]. */
function filterGradient(
  runtime: WasmRuntime,
  convolve: Convolve,
  images: TensorInfo,
  filter: TensorInfo,
  info: backend_util.Conv2DInfo,
): TensorInfo {
  const { filterHeight, filterWidth, inHeight, inWidth, outHeight, outWidth } = info;
  const { strideHeight, strideWidth, dilationHeight, dilationWidth } = info;
  const { top, left } = info.padInfo;
  // Where the last rows of the images are in no window, further taps than the filter has would fit.
  const fit = (size: number, out: number, stride: number, dilation: number): number =>
    Math.floor((size - (out - 1) * stride - 1) / dilation) + 1;
  const rows = Math.max(filterHeight, fit(inHeight + top, outHeight, strideHeight, dilationHeight));
  const columns = Math.max(filterWidth, fit(inWidth + left, outWidth, strideWidth, dilationWidth));
  const whole = convolve(images, filter, {
    strideHeight: dilationHeight,
    strideWidth: dilationWidth,
    dilationHeight: strideHeight,
    dilationWidth: strideWidth,
    outHeight: rows,
    outWidth: columns,
    top,
    left,
  }) as TensorInfo;
  if (rows === filterHeight && columns === filterWidth) return whole;
  const size = [images.shape[0] as number, filterHeight, filterWidth, filter.shape[3] as number];
  return using(runtime, whole, (x) => runtime.run('Slice', { x }, { begin: [0, 0, 0, 0], size }));
}

export const convolutionGradients: WasmKernelSet = {
  Conv2DBackpropInput: backpropInput('full'),
  DepthwiseConv2dNativeBackpropInput: backpropInput('depthwise'),
  Conv2DBackpropFilter: backpropFilter,
};
