import { ConfigError } from '@stratajs/core';
import { imageShape, type Transform } from './transform.js';

/**
 * Mirrors each image left to right with a probability.
 *
 * @param options.probability In [0, 1]. Default: 0.5.
 */
export function randomFlip(options: { probability?: number } = {}): Transform {
  const { probability = 0.5 } = options;
  if (!(probability >= 0 && probability <= 1)) {
    throw new ConfigError(
      `randomFlip's probability lies in [0, 1]. Received: probability=${probability}.`,
    );
  }
  return (batch, rng) => {
    const [n, height, width, channels] = imageShape(batch, 'randomFlip');
    const { data } = batch;
    const row = width * channels;
    for (let i = 0; i < n; i++) {
      if (rng.nextUniform() >= probability) continue;
      const end = (i + 1) * height * row;
      for (let start = i * height * row; start < end; start += row) {
        let left = start;
        let right = start + row - channels;
        while (left < right) {
          for (let c = 0; c < channels; c++) {
            const kept = data[left + c]!;
            data[left + c] = data[right + c]!;
            data[right + c] = kept;
          }
          left += channels;
          right -= channels;
        }
      }
    }
  };
}
