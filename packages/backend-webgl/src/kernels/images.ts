/** Images whose texels hold two columns of two channels, read straight, and what convolutions of stride 1 have in common. */
import { backend_util, type KernelFunc, type TensorInfo } from '@tensorflow/tfjs-core';
import type { Backend } from './program.js';

type Attributes = Parameters<KernelFunc>[0]['attrs'];

export interface Window {
  readonly height: number;
  readonly width: number;
  /** Rows and columns of zeros before the image. */
  readonly top: number;
  readonly left: number;
}

/** What the filter sees at a time, where it moves by one pixel and has no holes; null for other convolutions, and for single pixels. */
export function windowOf(
  x: readonly number[],
  filter: readonly number[],
  attrs: Attributes,
): Window | null {
  const { strides, pad, dilations, dataFormat, dimRoundingMode } = attrs as unknown as {
    strides: number | [number, number];
    pad: 'same' | 'valid' | number;
    dilations?: number | [number, number];
    dataFormat?: 'NHWC' | 'NCHW';
    dimRoundingMode?: 'floor' | 'round' | 'ceil';
  };
  if (dataFormat === 'NCHW') return null;
  const info = backend_util.computeConv2DInfo(
    x as [number, number, number, number],
    filter as [number, number, number, number],
    strides,
    dilations ?? 1,
    pad,
    dimRoundingMode,
  );
  const moves = [info.strideHeight, info.strideWidth, info.dilationHeight, info.dilationWidth];
  const { filterHeight: height, filterWidth: width, padInfo } = info;
  const fits = moves.every((by) => by === 1) && height * width > 1 && info.inChannels === filter[2];
  return fits ? { height, width, top: padInfo.top, left: padInfo.left } : null;
}

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
