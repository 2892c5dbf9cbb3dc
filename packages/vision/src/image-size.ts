import { assertTensor, ShapeError, type Tensor } from '@stratajs/core';

/** Throws unless x is [N, size, size, channels]. */
export function checkImageSize(model: string, x: Tensor, size: number, channels: number): void {
  assertTensor(x, `The input of ${model}`);
  const [, height, width, received] = x.shape;
  if (x.shape.length === 4 && height === size && width === size && received === channels) return;
  throw new ShapeError(
    `${model} expects images [N, ${size}, ${size}, ${channels}]. Received: shape [${x.shape.join(', ')}]. ` +
      'Resize the images with resizeBilinear(), or build the model for the number of channels that comes.',
  );
}
