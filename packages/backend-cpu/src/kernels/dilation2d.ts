/** Grey-scale dilation of NHWC images, and its gradients. */
import { backend_util, type TensorInfo } from '@tensorflow/tfjs-core';
import { type KernelSet, type MakeKernel, sameShape, sizeOf } from './kernel.js';

interface Inputs {
  readonly x: TensorInfo;
  readonly filter: TensorInfo;
}

interface Attributes {
  readonly strides: [number, number] | number;
  readonly pad: 'valid' | 'same' | number;
  readonly dilations: [number, number] | number;
}

type Shape4 = [number, number, number, number];

/** The shape of the result, and the sizes as native/kernels/dilation2d.cc reads them. */
function resolve(
  { x, filter }: Inputs,
  { strides, pad, dilations }: Attributes,
): { outShape: number[]; sizes: Int32Array } | undefined {
  if (x.dtype !== 'float32' || filter.dtype !== 'float32') return undefined;
  if (x.shape.length !== 4 || filter.shape.length !== 3) return undefined;
  const info = backend_util.computeDilation2DInfo(
    x.shape as Shape4,
    filter.shape as [number, number, number],
    strides,
    pad,
    'NHWC',
    dilations,
  );
  const sizes = Int32Array.of(
    ...x.shape,
    info.outHeight,
    info.outWidth,
    info.filterHeight,
    info.filterWidth,
    info.strideHeight,
    info.strideWidth,
    info.dilationHeight,
    info.dilationWidth,
    info.padInfo.top,
    info.padInfo.left,
  );
  return { outShape: info.outShape, sizes };
}

const dilation2d: MakeKernel<Inputs, Attributes> =
  ({ native, backend }) =>
  (inputs, attributes) => {
    const geometry = resolve(inputs, attributes);
    if (geometry === undefined) return undefined;
    const { outShape, sizes } = geometry;
    const y = backend.allocate(outShape, 'float32', sizeOf(outShape));
    native.dilation2d(
      backend.values(inputs.x),
      backend.values(inputs.filter),
      backend.values(y),
      sizes,
    );
    return y;
  };

/** tfjs gives the dy of a window that holds no number to some element of it; here nothing gets it. */
function backward(
  name: 'dilation2dBackpropInput' | 'dilation2dBackpropFilter',
): MakeKernel<Inputs & { readonly dy: TensorInfo }, Attributes> {
  return ({ native, backend }) =>
    (inputs, attributes) => {
      const { x, filter, dy } = inputs;
      const geometry = resolve(inputs, attributes);
      if (geometry === undefined || dy.dtype !== 'float32') return undefined;
      if (!sameShape(dy.shape, geometry.outShape)) return undefined;
      const { shape } = name === 'dilation2dBackpropInput' ? x : filter;
      const gradient = backend.allocate([...shape], 'float32', sizeOf(shape));
      native[name](
        backend.values(x),
        backend.values(filter),
        backend.values(dy),
        backend.values(gradient),
        geometry.sizes,
      );
      return gradient;
    };
}

export const dilation2dKernels: KernelSet = {
  Dilation2D: dilation2d,
  Dilation2DBackpropInput: backward('dilation2dBackpropInput'),
  Dilation2DBackpropFilter: backward('dilation2dBackpropFilter'),
};
