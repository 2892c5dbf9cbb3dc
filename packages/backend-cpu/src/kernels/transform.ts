/** Images turned, or seen through a projective transformation. */
import { backend_util, type TensorInfo } from '@tensorflow/tfjs-core';
import { type KernelSet, type MakeKernel, sizeOf } from './kernel.js';

type Shape4 = [number, number, number, number];

/** As native/kernels/transform.cc numbers them. */
const FILL_MODES: Readonly<Record<string, number>> = {
  constant: 0,
  reflect: 1,
  wrap: 2,
  nearest: 3,
};

interface TransformAttributes {
  readonly interpolation: 'nearest' | 'bilinear';
  readonly fillMode: string;
  readonly fillValue: number;
  readonly outputShape?: [number, number] | null;
}

/** tfjs's own kernel stops after the first image of a batch. */
const transform: MakeKernel<
  { readonly image: TensorInfo; readonly transforms: TensorInfo },
  TransformAttributes
> =
  ({ native, backend }) =>
  ({ image, transforms }, { interpolation, fillMode, fillValue, outputShape }) => {
    const mode = FILL_MODES[fillMode];
    if (image.dtype !== 'float32' || transforms.dtype !== 'float32' || mode === undefined) {
      return undefined;
    }
    if (interpolation !== 'nearest' && interpolation !== 'bilinear') return undefined;
    const [batch, height, width, channels] = image.shape as Shape4;
    const count = transforms.shape[0] as number;
    if (count !== 1 && count !== batch) return undefined;
    const [outHeight, outWidth] = outputShape ?? [height, width];
    const shape = [batch, outHeight, outWidth, channels];
    const y = backend.allocate(shape, 'float32', sizeOf(shape));
    native.transform(
      backend.values(image),
      backend.values(transforms),
      backend.values(y),
      batch,
      height,
      width,
      channels,
      outHeight,
      outWidth,
      count,
      interpolation === 'bilinear' ? 1 : 0,
      mode,
      fillValue,
    );
    return y;
  };

interface RotateAttributes {
  readonly radians: number;
  readonly fillValue: number | readonly [number, number, number];
  readonly center: number | [number, number];
}

const OPAQUE = 255;

const rotateWithOffset: MakeKernel<{ readonly image: TensorInfo }, RotateAttributes> =
  ({ native, backend }) =>
  ({ image }, { radians, fillValue, center }) => {
    if (image.dtype !== 'float32' || image.shape.length !== 4) return undefined;
    const [batch, height, width, channels] = image.shape as Shape4;
    const [centerX, centerY] = backend_util.getImageCenter(center, height, width);
    const fills = Float32Array.from({ length: channels }, (_, c) => {
      if (typeof fillValue === 'number') return fillValue;
      return c === 3 ? OPAQUE : (fillValue[c] as number);
    });
    const y = backend.allocate([...image.shape], 'float32', sizeOf(image.shape));
    native.rotate(
      backend.values(image),
      fills,
      backend.values(y),
      batch,
      height,
      width,
      channels,
      Math.sin(radians),
      Math.cos(radians),
      centerX,
      centerY,
    );
    return y;
  };

export const transformKernels: KernelSet = {
  Transform: transform,
  RotateWithOffset: rotateWithOffset,
};
