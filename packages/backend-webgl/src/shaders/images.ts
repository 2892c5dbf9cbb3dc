/** Images whose texels hold two columns of two channels, read straight. */
import type { TensorInfo } from '@tensorflow/tfjs-core';
import type { Backend } from './program.js';

/**
 * `fetchX(first, second, column, channel)`: a texel of the texture `X` of four axes, the last two counted in pairs. Where it lies is
 * worked out in floats, which are exact up to 2^24 texels and faster than whole numbers.
 */
export function fetchOf(backend: Backend, texture: string, x: TensorInfo): string {
  const [height, width] = backend.texelsOf(x);
  const [, rows, columns, channels] = x.shape as [number, number, number, number];
  const columnPairs = Math.ceil(columns / 2);
  const channelPairs = Math.ceil(channels / 2);
  return `
    vec4 fetch${texture}(int first, int second, int column, int channel) {
      float i = float(((first * ${rows} + second) * ${columnPairs} + column) * ${channelPairs} + channel);
      float row = floor((i + 0.5) / ${width}.0);
      return texture(${texture}, vec2(i - row * ${width}.0 + 0.5, row + 0.5) / vec2(${width}.0, ${height}.0));
    }
  `;
}

/** `columnsX(batch, row, pair, channel)`: as fetchX, and 0 for columns before and after the image. */
export function columnsOf(texture: string, columns: number): string {
  const last = Math.ceil(columns / 2) - 1;
  const odd = columns % 2 === 1 ? `if (pair == ${last}) texel.zw = vec2(0.0);` : '';
  return `
    vec4 columns${texture}(int batch, int row, int pair, int channel) {
      if (pair < 0 || pair > ${last}) return vec4(0.0);
      vec4 texel = fetch${texture}(batch, row, pair, channel);
      ${odd}
      return texel;
    }
  `;
}
