import { run } from '../engine.js';
import { ShapeError } from '../errors.js';
import type { Tensor } from '../tensor.js';
import { checkInteger, checkRank, checkTensor, shapeText } from './arguments.js';

/**
 * Channels rearranged into blocks of pixels: [N, H, W, b·b·C] → [N, H·b, W·b, C], where
 * y[n, i·b + p, j·b + q, c] = x[n, i, j, (p·b + q)·C + c] (Shi et al., sub-pixel convolution, 2016).
 *
 * Differs from PyTorch's pixel_shuffle, whose channels are ordered c·b·b + p·b + q.
 */
export function depthToSpace(x: Tensor, blockSize: number): Tensor {
  checkTensor(x, 'depthToSpace');
  checkRank(x, 4, 'depthToSpace', '[batch, height, width, channels]');
  checkInteger(blockSize, 1, 'The blockSize of depthToSpace()');
  const [n, h, w, channels] = x.shape as [number, number, number, number];
  const area = blockSize * blockSize;
  if (channels % area !== 0) {
    throw new ShapeError(
      `depthToSpace() needs a number of channels that blockSize² = ${area} divides. Received: shape ${shapeText(x.shape)}.`,
    );
  }
  if (x.size === 0) {
    const shape = [n, h * blockSize, w * blockSize, channels / area];
    return run('Fill', {}, { shape, value: 0, dtype: x.dtype });
  }
  if (blockSize === 1) return run('Identity', { x });
  return run('DepthToSpace', { x }, { blockSize, dataFormat: 'NHWC' });
}
