/** Gradients of the depthwise convolution of NHWC images; tfjs looks up every element by its coordinates. */
import type { backend_util } from '@tensorflow/tfjs-core';
import { type ConvAttributes, convolutionInfo } from '../kernels/conv-sizes.js';
import { type JavascriptKernel, values } from './storage.js';

/** dx: every window's dy, times its filter, back to where the window lay. */
export const depthwiseBackpropInput: JavascriptKernel = ({ dy, filter }, attrs, storage) => {
  const { inputShape } = attrs as { inputShape: number[] };
  if (dy!.dtype !== 'float32' || filter!.dtype !== 'float32') return undefined;
  const info = convolutionInfo(inputShape, filter!.shape, attrs as unknown as ConvAttributes, true);
  if (info === null || String(dy!.shape) !== String(info.outShape)) return undefined;
  const gradient = values(storage, dy!);
  const weights = values(storage, filter!);
  const dx = new Float32Array(info.inShape.reduce((n, length) => n * length, 1));
  const multiplier = info.outChannels / info.inChannels;
  eachTap(info, (tap, image, result) => {
    for (let c = 0, o = 0; c < info.inChannels; c++) {
      let sum = 0;
      for (let m = 0; m < multiplier; m++, o++) sum += gradient[result + o]! * weights[tap + o]!;
      dx[image + c] = dx[image + c]! + sum;
    }
  });
  return storage.makeTensorInfo(info.inShape, 'float32', dx);
};

/** dw: for every tap, the sum over all windows of what it saw times dy. */
export const depthwiseBackpropFilter: JavascriptKernel = ({ x, dy }, attrs, storage) => {
  const { filterShape } = attrs as { filterShape: number[] };
  if (dy!.dtype !== 'float32' || x!.dtype !== 'float32') return undefined;
  const info = convolutionInfo(x!.shape, filterShape, attrs as unknown as ConvAttributes, true);
  if (info === null || String(dy!.shape) !== String(info.outShape)) return undefined;
  const gradient = values(storage, dy!);
  const images = values(storage, x!);
  // One element sums over all positions of all images.
  const sums = new Float64Array(filterShape.reduce((n, length) => n * length, 1));
  const multiplier = info.outChannels / info.inChannels;
  eachTap(info, (tap, image, result) => {
    for (let c = 0, o = 0; c < info.inChannels; c++) {
      const pixel = images[image + c]!;
      for (let m = 0; m < multiplier; m++, o++) {
        sums[tap + o] = sums[tap + o]! + pixel * gradient[result + o]!;
      }
    }
  });
  return storage.makeTensorInfo(filterShape, 'float32', Float32Array.from(sums));
};

/** Calls `visit` with the offsets of a filter tap, of the pixel under it, and of its window's result. */
function eachTap(
  info: backend_util.Conv2DInfo,
  visit: (tap: number, image: number, result: number) => void,
): void {
  const { batchSize, inHeight, inWidth, inChannels, outHeight, outWidth, outChannels } = info;
  const { strideHeight, strideWidth, dilationHeight, dilationWidth, padInfo } = info;
  let result = 0;
  for (let n = 0; n < batchSize; n++) {
    for (let oh = 0; oh < outHeight; oh++) {
      for (let ow = 0; ow < outWidth; ow++, result += outChannels) {
        for (let kh = 0; kh < info.filterHeight; kh++) {
          const h = oh * strideHeight - padInfo.top + kh * dilationHeight;
          if (h < 0 || h >= inHeight) continue;
          for (let kw = 0; kw < info.filterWidth; kw++) {
            const w = ow * strideWidth - padInfo.left + kw * dilationWidth;
            if (w < 0 || w >= inWidth) continue;
            const tap = (kh * info.filterWidth + kw) * outChannels;
            visit(tap, ((n * inHeight + h) * inWidth + w) * inChannels, result);
          }
        }
      }
    }
  }
}
