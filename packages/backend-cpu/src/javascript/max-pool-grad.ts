import { backend_util } from '@tensorflow/tfjs-core';
import { type JavascriptKernel, values } from './storage.js';

interface Attributes {
  readonly filterSize: [number, number] | number;
  readonly strides: [number, number] | number;
  readonly pad: 'valid' | 'same' | number | backend_util.ExplicitPadding;
  readonly dimRoundingMode?: 'floor' | 'round' | 'ceil';
}

/** Sends each of dy to the greatest element of its window, the first of several. NHWC. */
export const maxPoolGrad: JavascriptKernel = ({ dy, input }, attrs, storage) => {
  const { filterSize, strides, pad, dimRoundingMode } = attrs as unknown as Attributes;
  if (dy!.dtype !== 'float32' || input!.dtype !== 'float32' || input!.shape.length !== 4) {
    return undefined;
  }
  const shape = input!.shape as [number, number, number, number];
  const info = backend_util.computePool2DInfo(shape, filterSize, strides, 1, pad, dimRoundingMode);
  if (String(dy!.shape) !== String(info.outShape)) return undefined;
  const x = values(storage, input!);
  const gradient = values(storage, dy!);
  const dx = new Float32Array(x.length);
  const { inHeight, inWidth, inChannels, outHeight, outWidth } = info;
  const { filterHeight, filterWidth, strideHeight, strideWidth, padInfo } = info;
  let from = 0;
  for (let n = 0; n < info.batchSize; n++) {
    for (let oh = 0; oh < outHeight; oh++) {
      const top = oh * strideHeight - padInfo.top;
      const firstRow = Math.max(0, top);
      const endRow = Math.min(inHeight, top + filterHeight);
      for (let ow = 0; ow < outWidth; ow++) {
        const left = ow * strideWidth - padInfo.left;
        const firstColumn = Math.max(0, left);
        const endColumn = Math.min(inWidth, left + filterWidth);
        for (let c = 0; c < inChannels; c++, from++) {
          let greatest = Number.NEGATIVE_INFINITY;
          let position = -1;
          for (let h = firstRow; h < endRow; h++) {
            let at = ((n * inHeight + h) * inWidth + firstColumn) * inChannels + c;
            for (let w = firstColumn; w < endColumn; w++, at += inChannels) {
              if (x[at]! > greatest) {
                greatest = x[at]!;
                position = at;
              }
            }
          }
          if (position >= 0) dx[position] = dx[position]! + gradient[from]!;
        }
      }
    }
  }
  return storage.makeTensorInfo(shape, 'float32', dx);
};
