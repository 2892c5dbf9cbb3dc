import { engine, run } from '../engine.js';
import type { Tensor } from '../tensor.js';
import {
  type AdaptiveAttributes,
  adaptiveAttributes,
  adaptiveWindows,
} from './adaptive-windows.js';
import { fill, reshape } from './composite.js';
import type { ExtensionKernel } from './kernel.js';

const FORWARD = 'StrataAdaptiveAvgPool';
const BACKWARD = 'StrataAdaptiveAvgPoolGrad';

/**
 * The means of windows that cover the image evenly, whatever its size:
 *
 *     y[n, i, j, c] = mean of x[n, ⌊i·H/h⌋ … ⌈(i+1)·H/h⌉ − 1, ⌊j·W/w⌋ … ⌈(j+1)·W/w⌉ − 1, c]
 *
 * as PyTorch's AdaptiveAvgPool2d. Neighbouring windows share pixels where the sizes do not divide.
 *
 * @param x [N, H, W, C] float32.
 * @param size [h, w], or one number for both; may be larger than the image.
 * @returns [N, h, w, C].
 * @throws ShapeError for other shapes or dtypes, ConfigError for a size below 1.
 */
export function adaptiveAvgPool2d(
  x: Tensor,
  size: number | readonly [height: number, width: number],
): Tensor {
  return run(FORWARD, { x }, { ...adaptiveAttributes('adaptiveAvgPool2d', x, size) });
}

export const adaptiveAvgPoolKernel: ExtensionKernel = {
  name: FORWARD,
  composite: ({ x }, attrs) => applied(x!, attrs as unknown as AdaptiveAttributes, false),
  gradient: {
    saved: [],
    of: (dy, _, attrs) => ({ x: () => run(BACKWARD, { dy }, attrs) }),
  },
};

/** dx: each dy spread evenly over its window. */
export const adaptiveAvgPoolGradKernel: ExtensionKernel = {
  name: BACKWARD,
  composite: ({ dy }, attrs) => applied(dy!, attrs as unknown as AdaptiveAttributes, true),
  // Linear in dy: its transpose is the pool.
  gradient: {
    saved: [],
    of: (ddx, _, attrs) => ({ dy: () => run(FORWARD, { x: ddx }, attrs) }),
  },
};

/** The pool is linear and separable, y = R·x·Cᵀ for each channel; its transpose Rᵀ·dy·C. */
function applied(
  x: Tensor,
  { inputSize, outputSize }: AdaptiveAttributes,
  transposed: boolean,
): Tensor {
  const [n, h, w, c] = x.shape as [number, number, number, number];
  const [height, width] = transposed ? inputSize : outputSize;
  if (n * c === 0) return fill([n, height, width, c], 0);
  const product = (a: Tensor, b: Tensor): Tensor =>
    run('BatchMatMul', { a, b }, { transposeA: transposed, transposeB: false });
  const rows = means(inputSize[0], outputSize[0]);
  const columns = means(inputSize[1], outputSize[1]);
  const tall = product(rows, reshape(x, [n, h, w * c]));
  const whole = product(columns, reshape(tall, [n * height, w, c]));
  return reshape(whole, [n, height, width, c]);
}

/** The matrix [1, outputs, inputs] of the means of windows along one axis. */
function means(inputs: number, outputs: number): Tensor {
  const weights = new Float32Array(outputs * inputs);
  adaptiveWindows(inputs, outputs).forEach(([from, to], i) => {
    weights.fill(1 / (to - from), i * inputs + from, i * inputs + to);
  });
  return engine().makeTensor(weights, [1, outputs, inputs], 'float32');
}
