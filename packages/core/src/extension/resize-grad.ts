import { engine, run } from '../engine.js';
import type { Tensor } from '../tensor.js';
import { fill, reshape } from './composite.js';
import type { ExtensionKernel } from './kernel.js';

const NAME = 'StrataResizeGrad';

export interface ResizeGradAttributes {
  readonly method: 'bilinear' | 'nearest';
  /** [H, W] of the image, and [h, w] of the image in its other size, which is dy's. */
  readonly inputSize: readonly [number, number];
  readonly outputSize: readonly [number, number];
  readonly alignCorners: boolean;
  readonly halfPixelCenters: boolean;
}

/**
 * The transpose of a resizing: dy [N, h, w, C] → dx [N, H, W, C], every dy given to the pixels that its output
 * reads, in the same shares. tfjs's own gradient kernels know no half-pixel centres, and those of
 * its JavaScript swap height and width, or find no image but the first.
 */
export function resizeGrad(dy: Tensor, attributes: ResizeGradAttributes): Tensor {
  return run(NAME, { dy }, { ...attributes });
}

export const resizeGradKernel: ExtensionKernel = {
  name: NAME,
  composite: ({ dy }, attrs) => transposed(dy!, attrs as unknown as ResizeGradAttributes),
  // Linear in dy: its transpose is the resizing.
  gradient: {
    saved: [],
    of: (ddx, _, attrs) => {
      const { method, outputSize, alignCorners, halfPixelCenters } =
        attrs as unknown as ResizeGradAttributes;
      const kernel = method === 'bilinear' ? 'ResizeBilinear' : 'ResizeNearestNeighbor';
      const options = { size: [...outputSize], alignCorners, halfPixelCenters };
      return { dy: () => run(kernel, { images: ddx }, options) };
    },
  },
};

/** Resizing is separable, y = R·x·Cᵀ for each channel, so dx = Rᵀ·dy·C. */
function transposed(dy: Tensor, attributes: ResizeGradAttributes): Tensor {
  const [n, h, w, c] = dy.shape as [number, number, number, number];
  const [height, width] = attributes.inputSize;
  if (n * h * w * c * height * width === 0) return fill([n, height, width, c], 0);
  const product = (a: Tensor, b: Tensor): Tensor =>
    run('BatchMatMul', { a, b }, { transposeA: true, transposeB: false });
  const rows = reading(height, h, attributes);
  const columns = reading(width, w, attributes);
  const tall = product(rows, reshape(dy, [n, h, w * c]));
  const whole = product(columns, reshape(tall, [n * height, w, c]));
  return reshape(whole, [n, height, width, c]);
}

/** The matrix [1, outputs, inputs] of what each output reads of each pixel along one axis. */
function reading(
  inputs: number,
  outputs: number,
  { method, alignCorners, halfPixelCenters }: ResizeGradAttributes,
): Tensor {
  const inner = alignCorners && outputs > 1;
  const scale = (inner ? inputs - 1 : inputs) / (inner ? outputs - 1 : outputs);
  const shift = halfPixelCenters ? 0.5 : 0;
  const last = inputs - 1;
  const weights = new Float32Array(outputs * inputs);
  for (let i = 0; i < outputs; i++) {
    const at = scale * (i + shift);
    if (method === 'nearest') {
      const pixel = alignCorners ? Math.round(at) : Math.floor(at);
      weights[i * inputs + Math.min(Math.max(pixel, 0), last)] = 1;
      continue;
    }
    const place = Math.min(Math.max(at - shift, 0), last);
    const low = Math.floor(place);
    weights[i * inputs + low] = 1 - (place - low);
    if (place > low) weights[i * inputs + low + 1] = place - low;
  }
  return engine().makeTensor(weights, [1, outputs, inputs], 'float32');
}
