/**
 * Resizing. tfjs's gradient kernels know no half-pixel centres, and that of JavaScript swaps height
 * and width. Resizing is linear and separable, y = R·x·Cᵀ for each channel, so dx = Rᵀ·dy·C.
 */
import { constant } from '../../create.js';
import type { Attributes } from '../../engine.js';
import type { Tensor } from '../../tensor.js';
import { matmul } from '../matmul.js';
import { reshape } from '../shape.js';
import type { KernelGradient } from './kernel-gradient.js';

/** Adds the weights of the pixels that output `i` reads to row i of a matrix [output, input]. */
type Read = (add: (pixel: number, weight: number) => void, at: number, last: number) => void;

export const resizeGradients: readonly KernelGradient[] = [
  gradient('ResizeBilinear', (attrs) => {
    const shift = attrs['halfPixelCenters'] === true ? 0.5 : 0;
    return {
      shift,
      read: (add, at, last) => {
        const place = Math.min(Math.max(at - shift, 0), last);
        const low = Math.floor(place);
        add(low, 1 - (place - low));
        if (place > low) add(low + 1, place - low);
      },
    };
  }),
  gradient('ResizeNearestNeighbor', (attrs) => ({
    shift: attrs['halfPixelCenters'] === true ? 0.5 : 0,
    read: (add, at, last) => {
      const pixel = attrs['alignCorners'] === true ? Math.round(at) : Math.floor(at);
      add(Math.min(Math.max(pixel, 0), last), 1);
    },
  })),
];

function gradient(
  kernel: string,
  rule: (attrs: Attributes) => { shift: number; read: Read },
): KernelGradient {
  return {
    kernel,
    inputs: ['images'],
    of: (dy, [images], attrs) => ({
      images: () => {
        const { shift, read } = rule(attrs);
        const [n, h, w, c] = images!.shape as [number, number, number, number];
        const [, height, width] = dy.shape as [number, number, number, number];
        const corners = attrs['alignCorners'] === true;
        const rows = reading(height, h, corners, shift, read); // [height, h]
        const columns = reading(width, w, corners, shift, read); // [width, w]
        const tall = matmul(rows, reshape(dy, [n, height, width * c]), { transposeA: true });
        const small = matmul(columns, reshape(tall, [n * h, width, c]), { transposeA: true });
        return reshape(small, [n, h, w, c]);
      },
    }),
  };
}

function reading(
  outputs: number,
  inputs: number,
  corners: boolean,
  shift: number,
  read: Read,
): Tensor {
  const inner = corners && outputs > 1;
  const scale = (inner ? inputs - 1 : inputs) / (inner ? outputs - 1 : outputs);
  const weights = new Float32Array(outputs * inputs);
  for (let i = 0; i < outputs; i++) {
    const row = i * inputs;
    read((pixel, weight) => (weights[row + pixel]! += weight), scale * (i + shift), inputs - 1);
  }
  return constant(weights, [outputs, inputs]);
}
