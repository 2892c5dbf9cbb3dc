/** What adaptive pools have in common: PyTorch's windows, and the checks of arguments. */
import { ShapeError } from '../errors.js';
import { checkRank, checkTensor, shapeText } from '../ops/arguments.js';
import { checkFloat } from '../ops/conv2d.js';
import { perAxis } from '../ops/padding.js';
import type { Tensor } from '../tensor.js';

/** What the kernels of adaptive pools take: sizes [height, width]. */
export interface AdaptiveAttributes {
  readonly inputSize: readonly [number, number];
  readonly outputSize: readonly [number, number];
}

/** Output i covers the inputs [⌊i·inputs/outputs⌋, ⌈(i + 1)·inputs/outputs⌉). */
export function adaptiveWindows(inputs: number, outputs: number): [from: number, to: number][] {
  return Array.from({ length: outputs }, (_, i) => [
    Math.floor((i * inputs) / outputs),
    Math.ceil(((i + 1) * inputs) / outputs),
  ]);
}

/** Checks the arguments of an adaptive pool and gives its kernel's attributes. */
export function adaptiveAttributes(
  op: string,
  x: Tensor,
  size: number | readonly [number, number],
): AdaptiveAttributes {
  checkTensor(x, op);
  checkRank(x, 4, op, '[batch, height, width, channels]');
  checkFloat(op, x, 'x');
  const outputSize = perAxis(size, 2, `The size of ${op}()`) as [number, number];
  const [, height, width] = x.shape as [number, number, number, number];
  if (height * width === 0) {
    throw new ShapeError(`${op}() needs pixels. Received: shape ${shapeText(x.shape)}.`);
  }
  return { inputSize: [height, width], outputSize };
}
