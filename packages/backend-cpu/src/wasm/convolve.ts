/** Convolution of NHWC images by XNNPACK, with padding and steps as they are given. */
import type { TensorInfo } from '@tensorflow/tfjs-core';
import { idOf, type WasmRuntime } from './kernel.js';

export interface ConvolutionSizes {
  readonly strideHeight: number;
  readonly strideWidth: number;
  readonly dilationHeight: number;
  readonly dilationWidth: number;
  readonly outHeight: number;
  readonly outWidth: number;
  /** Zeros above and left of the image. Those below and right follow from the size of the result. */
  readonly top: number;
  readonly left: number;
}

/** x [N, H, W, C] ∗ filter [KH, KW, C, O], or depthwise [KH, KW, C, M]; undefined where XNNPACK has none. */
export type Convolve = (
  x: TensorInfo,
  filter: TensorInfo,
  sizes: ConvolutionSizes,
  bias?: TensorInfo | null,
) => TensorInfo | undefined;

export function convolver(runtime: WasmRuntime, kind: 'full' | 'depthwise'): Convolve {
  const depthwise = kind === 'depthwise';
  const name = depthwise ? 'FusedDepthwiseConv2D' : 'FusedConv2D';
  const compute = runtime.wasm.cwrap(
    name,
    null,
    Array.from({ length: 23 }, () => 'number'),
  );
  return (x, filter, sizes, bias) => {
    const [batch, height, width, channels] = x.shape as [number, number, number, number];
    const [filterHeight, filterWidth, , last] = filter.shape as [number, number, number, number];
    const outChannels = depthwise ? channels * last : last;
    const { strideHeight, strideWidth, dilationHeight, dilationWidth } = sizes;
    const { outHeight, outWidth, top, left } = sizes;
    const bottom = paddingAfter(height, top, filterHeight, strideHeight, dilationHeight, outHeight);
    const right = paddingAfter(width, left, filterWidth, strideWidth, dilationWidth, outWidth);
    const shape = [batch, outHeight, outWidth, outChannels];
    const empty = [...shape, ...filter.shape].includes(0);
    if (empty || bottom === null || right === null || top < 0 || left < 0) return undefined;
    const y = runtime.backend.makeOutput(shape, 'float32');
    compute(
      idOf(runtime, x),
      batch,
      height,
      width,
      idOf(runtime, filter),
      filterHeight,
      filterWidth,
      bias ? idOf(runtime, bias) : 0,
      top,
      right,
      bottom,
      left,
      0, // padding is explicit
      dilationHeight,
      dilationWidth,
      strideHeight,
      strideWidth,
      channels,
      outChannels,
      0, // no activation
      0, // weights of prelu
      0, // alpha of leakyRelu
      idOf(runtime, y),
    );
    return y;
  };
}

/** Zeros after the image so that exactly `out` windows fit; null where more fit without any. */
function paddingAfter(
  size: number,
  before: number,
  filter: number,
  stride: number,
  dilation: number,
  out: number,
): number | null {
  const window = (filter - 1) * dilation + 1;
  const needed = (out - 1) * stride + window - size - before;
  if (needed >= 0) return needed;
  return -needed < stride ? 0 : null;
}
