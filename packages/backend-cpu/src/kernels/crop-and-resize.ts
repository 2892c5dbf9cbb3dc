import type { TensorInfo } from '@tensorflow/tfjs-core';
import { type KernelSet, type MakeKernel, sizeOf } from './kernel.js';
import { type LinearTable, linearTable } from './resize-table.js';

interface Inputs {
  readonly image: TensorInfo;
  readonly boxes: TensorInfo;
  readonly boxInd: TensorInfo;
}

interface Attributes {
  readonly cropSize: readonly [number, number];
  readonly method: 'bilinear' | 'nearest';
  readonly extrapolationValue: number;
}

/**
 * The boxes [y1, x1, y2, x2], in shares of the image's sides, each cut from its image and resized. What lies
 * outside is the extrapolation value; a box whose image is none of the batch stays 0, as in tfjs.
 */
const cropAndResize: MakeKernel<Inputs, Attributes> =
  ({ native, backend }) =>
  ({ image, boxes, boxInd }, { cropSize, method, extrapolationValue }) => {
    if (image.dtype !== 'float32' || image.shape.length !== 4) return undefined;
    if (boxes.dtype !== 'float32' || boxInd.dtype !== 'int32') return undefined;
    const [batch, height, width, channels] = image.shape as [number, number, number, number];
    const [cropHeight, cropWidth] = cropSize;
    const count = boxes.shape[0] as number;
    const shape = [count, cropHeight, cropWidth, channels];
    const y = backend.allocate(shape, 'float32', sizeOf(shape));
    const [x, result] = [backend.values(image), backend.values(y)];
    const [sides, owners] = [backend.values(boxes), backend.values(boxInd)];
    const inSize = height * width * channels;
    const outSize = cropHeight * cropWidth * channels;
    for (let b = 0; b < count; b++) {
      const to = result.subarray(b * outSize, (b + 1) * outSize);
      const owner = owners[b] as number;
      if (owner < 0 || owner >= batch) {
        to.fill(0);
        continue;
      }
      const [y1, x1, y2, x2] = sides.subarray(4 * b, 4 * b + 4) as unknown as number[];
      const rows = readAt(height, cropHeight, y1 as number, y2 as number);
      const columns = readAt(width, cropWidth, x1 as number, x2 as number);
      const from = x.subarray(owner * inSize, (owner + 1) * inSize);
      const sizes = [
        1,
        height,
        width,
        channels,
        cropHeight,
        cropWidth,
        extrapolationValue,
      ] as const;
      if (method === 'bilinear') {
        const { places, shares } = linear(rows, height);
        const across = linear(columns, width);
        native.resizeBilinear(from, to, places, shares, across.places, across.shares, ...sizes);
      } else {
        native.resizeNearest(from, to, nearest(rows, height), nearest(columns, width), ...sizes);
      }
    }
    return y;
  };

/** Where the outputs read along one side. */
function readAt(inputs: number, outputs: number, from: number, to: number): number[] {
  const last = inputs - 1;
  if (outputs === 1) return [0.5 * (from + to) * last];
  const scale = ((to - from) * last) / (outputs - 1);
  return Array.from({ length: outputs }, (_, i) => from * last + i * scale);
}

/** Written so that NaN is outside. */
const isInside = (place: number, inputs: number): boolean => place >= 0 && place <= inputs - 1;

function linear(at: readonly number[], inputs: number): LinearTable {
  const table = linearTable(inputs, at.length, (i) => at[i] as number);
  at.forEach((place, i) => {
    if (!isInside(place, inputs)) table.places[2 * i] = table.places[2 * i + 1] = -1;
  });
  return table;
}

function nearest(at: readonly number[], inputs: number): Int32Array {
  return Int32Array.from(at, (place) => (isInside(place, inputs) ? Math.round(place) : -1));
}

export const cropKernels: KernelSet = { CropAndResize: cropAndResize };
