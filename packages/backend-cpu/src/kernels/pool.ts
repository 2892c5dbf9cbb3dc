/** Pooling over windows of images [batch, (depth,) height, width, channels], and its gradients. */
import { backend_util, type TensorInfo } from '@tensorflow/tfjs-core';
import { type KernelSet, type MakeKernel, sameShape, sizeOf } from './kernel.js';

interface Attributes {
  readonly filterSize: number[] | number;
  readonly strides: number[] | number;
  readonly pad: 'valid' | 'same' | number | backend_util.ExplicitPadding;
  readonly dimRoundingMode?: 'floor' | 'round' | 'ceil';
  readonly dataFormat?: string;
}

/** Windows as native/simd/pool.h reads them. */
interface Windows {
  /** [batch, depth, height, width, channels, outDepth, outHeight, outWidth] */
  readonly sizes: Int32Array;
  /** [from, to, …] of the outputs along depth, height and width. */
  readonly spans: Int32Array;
  readonly outShape: number[];
  /** Elements of a whole window, padding or not. */
  readonly windowSize: number;
}

/** The part inside the image of windows at equal distances. */
function slidingSpans(
  outputs: number,
  stride: number,
  padding: number,
  window: number,
  size: number,
): number[] {
  const spans: number[] = [];
  for (let i = 0; i < outputs; i++) {
    const start = i * stride - padding;
    const from = Math.min(Math.max(start, 0), size);
    spans.push(from, Math.max(from, Math.min(start + window, size)));
  }
  return spans;
}

/** Undefined for ranks and layouts that native code leaves to tfjs. */
function resolve(shape: number[], attributes: Attributes): Windows | undefined {
  const { filterSize, strides, pad, dimRoundingMode, dataFormat } = attributes;
  const dilation = 1;
  if (shape.length === 4) {
    const info = backend_util.computePool2DInfo(
      shape as [number, number, number, number],
      filterSize as [number, number],
      strides as [number, number],
      dilation,
      pad,
      dimRoundingMode,
    );
    const { padInfo, outHeight, outWidth, filterHeight, filterWidth } = info;
    const rows = [outHeight, info.strideHeight, padInfo.top, filterHeight, info.inHeight] as const;
    const columns = [outWidth, info.strideWidth, padInfo.left, filterWidth, info.inWidth] as const;
    const [batch, height, width, channels] = shape as [number, number, number, number];
    return {
      sizes: Int32Array.of(batch, 1, height, width, channels, 1, outHeight, outWidth),
      spans: Int32Array.from([0, 1, ...slidingSpans(...rows), ...slidingSpans(...columns)]),
      outShape: info.outShape,
      windowSize: filterHeight * filterWidth,
    };
  }
  if (shape.length !== 5 || (dataFormat ?? 'NDHWC') !== 'NDHWC') return undefined;
  const info = backend_util.computePool3DInfo(
    shape as [number, number, number, number, number],
    filterSize as [number, number, number],
    strides as [number, number, number],
    dilation,
    pad as 'valid',
    dimRoundingMode,
  );
  const { padInfo, outDepth, outHeight, outWidth, filterDepth, filterHeight, filterWidth } = info;
  const layers = [outDepth, info.strideDepth, padInfo.front, filterDepth, info.inDepth] as const;
  const rows = [outHeight, info.strideHeight, padInfo.top, filterHeight, info.inHeight] as const;
  const columns = [outWidth, info.strideWidth, padInfo.left, filterWidth, info.inWidth] as const;
  const spans = [layers, rows, columns].flatMap((axis) => slidingSpans(...axis));
  return {
    sizes: Int32Array.of(...shape, outDepth, outHeight, outWidth),
    spans: Int32Array.from(spans),
    outShape: info.outShape,
    windowSize: filterDepth * filterHeight * filterWidth,
  };
}

function forward(name: 'maxPool' | 'avgPool'): MakeKernel<{ readonly x: TensorInfo }, Attributes> {
  return ({ native, backend }) =>
    ({ x }, attributes) => {
      if (x.dtype !== 'float32') return undefined;
      const windows = resolve(x.shape, attributes);
      if (windows === undefined) return undefined;
      const { sizes, spans, outShape, windowSize } = windows;
      // tfjs takes a window of one pixel for the identity where the shape stays, whatever padding
      // and strides say, and has specs for it.
      if (windowSize === 1 && sameShape(x.shape, outShape)) return undefined;
      const y = backend.allocate(outShape, 'float32', sizeOf(outShape));
      native[name](backend.values(x), backend.values(y), sizes, spans);
      return y;
    };
}

interface GradInputs {
  readonly dy: TensorInfo;
  readonly input: TensorInfo;
}

/**
 * tfjs's MaxPool3DGrad counts the rows of a window by its height where it should by its width, and gives
 * the gradient to the last of equal maxima; here, as in two dimensions, to the first.
 */
function backward(name: 'maxPoolGrad' | 'avgPoolGrad'): MakeKernel<GradInputs, Attributes> {
  return ({ native, backend }) =>
    ({ dy, input }, attributes) => {
      if (dy.dtype !== 'float32' || input.dtype !== 'float32') return undefined;
      const windows = resolve(input.shape, attributes);
      if (windows === undefined || !sameShape(dy.shape, windows.outShape)) return undefined;
      const { sizes, spans, windowSize } = windows;
      const x = backend.values(input);
      const dx = backend.allocate(input.shape, 'float32', x.length);
      if (name === 'maxPoolGrad') {
        native.maxPoolGrad(backend.values(dy), x, backend.values(dx), sizes, spans);
      } else {
        native.avgPoolGrad(backend.values(dy), backend.values(dx), sizes, spans, windowSize);
      }
      return dx;
    };
}

interface IndexAttributes extends Attributes {
  readonly includeBatchInIndex: boolean;
}

/** Where nothing is larger than −∞, tfjs gives the index −1; here it is the window's first element. */
const maxPoolWithArgmax: MakeKernel<{ readonly x: TensorInfo }, IndexAttributes> =
  ({ native, backend }) =>
  ({ x }, attributes) => {
    if (x.dtype !== 'float32' || x.shape.length !== 4) return undefined;
    const { sizes, spans, outShape } = resolve(x.shape, attributes) as Windows;
    const y = backend.allocate(outShape, 'float32', sizeOf(outShape));
    const indices = backend.allocate(outShape, 'int32', sizeOf(outShape));
    native.maxPoolIndices(
      backend.values(x),
      backend.values(y),
      backend.values(indices),
      sizes,
      spans,
      attributes.includeBatchInIndex ? 1 : 0,
    );
    return [y, indices];
  };

export const poolKernels: KernelSet = {
  MaxPool: forward('maxPool'),
  MaxPoolGrad: backward('maxPoolGrad'),
  MaxPoolWithArgmax: maxPoolWithArgmax,
  MaxPool3D: forward('maxPool'),
  MaxPool3DGrad: backward('maxPoolGrad'),
  AvgPool: forward('avgPool'),
  AvgPoolGrad: backward('avgPoolGrad'),
  AvgPool3D: forward('avgPool'),
  AvgPool3DGrad: backward('avgPoolGrad'),
};
