import { backend_util } from '@tensorflow/tfjs-core';

/** What a convolution's filter sees at a time, where it moves by one pixel. */
export interface UnitWindow {
  readonly height: number;
  readonly width: number;
  /** Rows and columns of zeros before the image. */
  readonly top: number;
  readonly left: number;
  /** Of the result: [batch, rows, columns, channels]. */
  readonly shape: readonly number[];
}

interface ConvolutionAttributes {
  readonly strides: number | [number, number];
  readonly pad: 'same' | 'valid' | number;
  readonly dilations?: number | [number, number];
  readonly dataFormat?: 'NHWC' | 'NCHW';
  readonly dimRoundingMode?: 'floor' | 'round' | 'ceil';
}

type Shape4 = [number, number, number, number];

export function unitWindow(
  x: readonly number[],
  filter: readonly number[],
  attributes: unknown,
): UnitWindow | null {
  const { strides, pad, dilations, dataFormat, dimRoundingMode } =
    attributes as ConvolutionAttributes;
  if (dataFormat === 'NCHW') return null;
  const info = backend_util.computeConv2DInfo(
    x as Shape4,
    filter as Shape4,
    strides,
    dilations ?? 1,
    pad,
    dimRoundingMode,
  );
  const moves = [info.strideHeight, info.strideWidth, info.dilationHeight, info.dilationWidth];
  const { filterHeight: height, filterWidth: width, padInfo, outShape: shape } = info;
  const fits = moves.every((by) => by === 1) && height * width > 1 && info.inChannels === filter[2];
  return fits ? { height, width, top: padInfo.top, left: padInfo.left, shape } : null;
}
