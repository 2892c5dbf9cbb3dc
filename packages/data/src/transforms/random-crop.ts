import { ConfigError } from '@stratajs/core';
import { imageShape, type Transform } from './transform.js';

/**
 * Pads each image by `padding` zeros on every side and cuts out a window of the original size at a
 * random place: a shift by up to `padding` pixels either way. He et al., "Deep residual learning for
 * image recognition", 2015, section 4.2, with padding 4.
 *
 * @param options.padding A whole number, at least 1. Default: 4.
 */
export function randomCrop(options: { padding?: number } = {}): Transform {
  const { padding = 4 } = options;
  if (!Number.isInteger(padding) || padding < 1) {
    throw new ConfigError(
      `randomCrop's padding is a whole number of pixels, at least 1. Received: padding=${padding}.`,
    );
  }
  return (batch, rng) => {
    const [n, height, width, channels] = imageShape(batch, 'randomCrop');
    const { data } = batch;
    const size = height * width * channels;
    const original = data.slice(0, size);
    for (let i = 0; i < n; i++) {
      const down = rng.nextInt(2 * padding + 1) - padding;
      const right = rng.nextInt(2 * padding + 1) - padding;
      const image = data.subarray(i * size, (i + 1) * size);
      original.set(image);
      image.fill(0);
      // Output pixel (r, c) shows input pixel (r + down, c + right).
      const firstColumn = Math.max(0, -right);
      const columns = width - Math.abs(right);
      if (columns <= 0) continue;
      for (let r = Math.max(0, -down); r < Math.min(height, height - down); r++) {
        const from = ((r + down) * width + firstColumn + right) * channels;
        const to = (r * width + firstColumn) * channels;
        image.set(original.subarray(from, from + columns * channels), to);
      }
    }
  };
}
