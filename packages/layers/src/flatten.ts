import { assertTensor, reshape, ShapeError, type Tensor } from '@stratajs/core';
import { Module } from './module.js';

/**
 * All axes but the first become one.
 *
 * Shapes: x [N, ...] → [N, product of the rest], row-major: of an image, channels vary fastest. (PyTorch's
 * images have them slowest; a Linear after it has its columns in another order there.)
 *
 * @throws ShapeError when x is a scalar.
 */
export class Flatten extends Module {
  forward(x: Tensor): Tensor {
    assertTensor(x, 'The input of Flatten');
    if (x.shape.length === 0) {
      throw new ShapeError(
        'Flatten expects [N, ...], rank 1 or more. Received: a scalar. Add the batch axis.',
      );
    }
    const [n, ...rest] = x.shape as [number, ...number[]];
    return reshape(x, [n, rest.reduce((a, b) => a * b, 1)]);
  }
}
