/** Convolutions of NDHWC volumes and their gradients: tfjs's kernels, and those of core's KERNELS.md. */
import { backend_util, type TensorInfo } from '@tensorflow/tfjs-core';
import { areFloats } from './conv-sizes.js';
import { type KernelSet, type MakeKernel, sameShape, sizeOf } from './kernel.js';

type Triple = [number, number, number];
type Shape5 = [number, number, number, number, number];

interface TfjsAttributes {
  readonly strides: Triple | number;
  readonly pad: 'valid' | 'same';
  readonly dataFormat?: string;
  readonly dilations?: Triple | number;
}

interface StrataAttributes {
  readonly strides: Triple;
  readonly dilations: Triple;
  readonly pad: readonly (readonly [number, number])[];
}

/** As native/conv/geometry.h reads it; written anew by every resolution. */
const sizes = new Int32Array(21);

/** Writes `sizes` and gives the shape of the result, or null for what is not covered. */
type Resolve<Attributes> = (
  image: number[],
  filter: number[],
  attributes: Attributes,
) => number[] | null;

const ofTfjs: Resolve<TfjsAttributes> = (
  image,
  filter,
  { strides, pad, dataFormat, dilations },
) => {
  const ndhwc = dataFormat === undefined || dataFormat === 'NDHWC';
  if (!ndhwc || image.length !== 5 || filter.length !== 5 || image[4] !== filter[3]) return null;
  const info = backend_util.computeConv3DInfo(
    image as Shape5,
    filter as Shape5,
    strides,
    dilations ?? 1,
    pad,
  );
  sizes.set(image);
  sizes.set([info.outDepth, info.outHeight, info.outWidth, info.outChannels], 5);
  sizes.set(filter.slice(0, 3), 9);
  sizes.set([info.strideDepth, info.strideHeight, info.strideWidth], 12);
  sizes.set([info.dilationDepth, info.dilationHeight, info.dilationWidth], 15);
  sizes.set([info.padInfo.front, info.padInfo.top, info.padInfo.left], 18);
  return info.outShape;
};

const ofStrata: Resolve<StrataAttributes> = (image, filter, { strides, dilations, pad }) => {
  const outputs = strides.map((stride, i) => {
    const reach = ((filter[i] as number) - 1) * (dilations[i] as number) + 1;
    const [before, after] = pad[i] as readonly [number, number];
    return Math.floor(((image[i + 1] as number) + before + after - reach) / stride) + 1;
  });
  sizes.set(image);
  sizes.set([...outputs, filter[4] as number], 5);
  sizes.set(filter.slice(0, 3), 9);
  sizes.set(strides, 12);
  sizes.set(dilations, 15);
  sizes.set(
    pad.map(([before]) => before),
    18,
  );
  return [image[0] as number, ...outputs, filter[4] as number];
};

function forward<Attributes>(
  resolve: Resolve<Attributes>,
): MakeKernel<
  { readonly x: TensorInfo; readonly filter: TensorInfo; readonly bias?: TensorInfo },
  Attributes
> {
  return ({ native, backend }) =>
    ({ x, filter, bias }, attributes) => {
      const shape = areFloats(x, filter) ? resolve(x.shape, filter.shape, attributes) : null;
      if (shape === null) return undefined;
      const y = backend.allocate(shape, 'float32', sizeOf(shape));
      native.conv3d(
        backend.values(x),
        backend.values(filter),
        bias ? backend.values(bias) : null,
        backend.values(y),
        sizes,
      );
      return y;
    };
}

function backpropInput<Attributes>(
  resolve: Resolve<Attributes>,
): MakeKernel<
  { readonly dy: TensorInfo; readonly filter: TensorInfo },
  Attributes & { readonly inputShape: number[] }
> {
  return ({ native, backend }) =>
    ({ dy, filter }, attributes) => {
      const { inputShape } = attributes;
      const shape = areFloats(dy, filter) ? resolve(inputShape, filter.shape, attributes) : null;
      if (shape === null || !sameShape(dy.shape, shape)) return undefined;
      const dx = backend.allocate([...inputShape], 'float32', sizeOf(inputShape));
      native.conv3dBackpropInput(
        backend.values(dy),
        backend.values(filter),
        backend.values(dx),
        sizes,
      );
      return dx;
    };
}

function backpropFilter<Attributes>(
  resolve: Resolve<Attributes>,
): MakeKernel<
  { readonly x: TensorInfo; readonly dy: TensorInfo },
  Attributes & { readonly filterShape: number[] }
> {
  return ({ native, backend }) =>
    ({ x, dy }, attributes) => {
      const { filterShape } = attributes;
      const shape = areFloats(x, dy) ? resolve(x.shape, filterShape, attributes) : null;
      if (shape === null || !sameShape(dy.shape, shape)) return undefined;
      const dfilter = backend.allocate([...filterShape], 'float32', sizeOf(filterShape));
      native.conv3dBackpropFilter(
        backend.values(x),
        backend.values(dy),
        backend.values(dfilter),
        sizes,
      );
      return dfilter;
    };
}

export const conv3dKernels: KernelSet = {
  Conv3D: forward(ofTfjs),
  Conv3DBackpropInputV2: backpropInput(ofTfjs),
  Conv3DBackpropFilterV2: backpropFilter(ofTfjs),
  StrataConv3d: forward(ofStrata),
  StrataConv3dBackpropInput: backpropInput(ofStrata),
  StrataConv3dBackpropFilter: backpropFilter(ofStrata),
};
