/** Resizing, whose gradient is a kernel of its own. */
import { resizeGrad, type ResizeGradAttributes } from '../../extension/resize-grad.js';
import type { KernelGradient } from './kernel-gradient.js';

export const resizeGradients: readonly KernelGradient[] = [
  gradient('ResizeBilinear', 'bilinear'),
  gradient('ResizeNearestNeighbor', 'nearest'),
];

function gradient(kernel: string, method: ResizeGradAttributes['method']): KernelGradient {
  return {
    kernel,
    inputs: ['images'],
    of: (dy, [images], attrs) => ({
      images: () => {
        const [, height, width] = images!.shape as [number, number, number, number];
        const [, outHeight, outWidth] = dy.shape as [number, number, number, number];
        return resizeGrad(dy, {
          method,
          inputSize: [height, width],
          outputSize: [outHeight, outWidth],
          alignCorners: attrs['alignCorners'] === true,
          halfPixelCenters: attrs['halfPixelCenters'] === true,
        });
      },
    }),
  };
}
