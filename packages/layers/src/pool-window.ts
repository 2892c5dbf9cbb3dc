import { checkOptions, sizePair } from './layer-arguments.js';
import type { Padding2d } from './padding.js';

export interface Pool2dOptions {
  /** Steps of the window. Default: the window's size, so that windows do not overlap. */
  readonly strides?: number | readonly [number, number];
  /** Default 'valid': none. */
  readonly padding?: Padding2d;
}

/** The window of a pooling layer, checked. */
export function poolWindow(
  layer: string,
  kernelSize: number | readonly [number, number],
  options: Pool2dOptions,
): { size: [number, number]; strides: [number, number] } {
  checkOptions(layer, options, ['strides', 'padding']);
  return {
    size: sizePair(layer, 'kernelSize', kernelSize),
    strides: sizePair(layer, 'strides', options.strides ?? kernelSize),
  };
}
