/** The sizes of a convolution, as native code takes them. */
import { backend_util, type TensorInfo } from '@tensorflow/tfjs-core';

type Shape4 = [number, number, number, number];

export interface ConvAttributes {
  readonly strides: [number, number] | number;
  readonly pad: 'valid' | 'same' | number | backend_util.ExplicitPadding;
  readonly dataFormat?: string;
  readonly dilations?: [number, number] | number | null;
  readonly dimRoundingMode?: 'floor' | 'round' | 'ceil';
  readonly activation?: string | null;
  readonly algorithm?: string;
}

/** As native/conv/geometry.h reads it; written anew by every call of `resolve`. */
export const sizes: Int32Array = new Int32Array(15);

/** A convolution of NHWC images with one group, or a depthwise one; null for others. */
export function convolutionInfo(
  image: readonly number[],
  filter: readonly number[],
  { strides, pad, dilations, dimRoundingMode, dataFormat }: ConvAttributes,
  depthwise: boolean = false,
): backend_util.Conv2DInfo | null {
  const nhwc = dataFormat === undefined || dataFormat === 'NHWC';
  if (!nhwc || image.length !== 4 || filter.length !== 4 || image[3] !== filter[2]) return null;
  return backend_util.computeConv2DInfo(
    image as Shape4,
    filter as Shape4,
    strides,
    dilations ?? 1,
    pad,
    dimRoundingMode,
    depthwise,
  );
}

/**
 * Resolves strides and padding into `sizes`; gives the shape of the result, or null for what is not
 * covered. A depthwise filter is [height, width, channels, multiplier].
 */
export function resolve(
  image: number[],
  filter: number[],
  attributes: ConvAttributes,
  depthwise: boolean = false,
): Shape4 | null {
  const info = convolutionInfo(image, filter, attributes, depthwise);
  if (info === null) return null;
  for (let d = 0; d < 4; d++) sizes[d] = image[d] as number;
  sizes[4] = info.outHeight;
  sizes[5] = info.outWidth;
  sizes[6] = info.outChannels;
  sizes[7] = info.filterHeight;
  sizes[8] = info.filterWidth;
  sizes[9] = info.strideHeight;
  sizes[10] = info.strideWidth;
  sizes[11] = info.dilationHeight;
  sizes[12] = info.dilationWidth;
  sizes[13] = info.padInfo.top;
  sizes[14] = info.padInfo.left;
  return info.outShape;
}

export const areFloats = (a: TensorInfo, b: TensorInfo): boolean =>
  a.dtype === 'float32' && b.dtype === 'float32';
