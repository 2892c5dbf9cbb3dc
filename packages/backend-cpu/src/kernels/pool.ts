/** Pooling over windows of NHWC images, and its gradients. */
import { backend_util, type TensorInfo } from '@tensorflow/tfjs-core';
import { type KernelSet, type MakeKernel, sameShape } from './kernel.js';

type Shape4 = [number, number, number, number];

interface Attributes {
  readonly filterSize: [number, number] | number;
  readonly strides: [number, number] | number;
  readonly pad: 'valid' | 'same' | number | backend_util.ExplicitPadding;
  readonly dimRoundingMode?: 'floor' | 'round' | 'ceil';
}

/** As native/simd/pool.h reads it; written anew by every call. */
const sizes = new Int32Array(12);

/** Resolves windows and padding into `sizes`; gives the shape of the result. */
function resolve(shape: number[], attributes: Attributes): backend_util.Conv2DInfo {
  const { filterSize, strides, pad, dimRoundingMode } = attributes;
  const dilation = 1;
  const info = backend_util.computePool2DInfo(
    shape as Shape4,
    filterSize,
    strides,
    dilation,
    pad,
    dimRoundingMode,
  );
  for (let d = 0; d < 4; d++) sizes[d] = shape[d] as number;
  sizes[4] = info.outHeight;
  sizes[5] = info.outWidth;
  sizes[6] = info.filterHeight;
  sizes[7] = info.filterWidth;
  sizes[8] = info.strideHeight;
  sizes[9] = info.strideWidth;
  sizes[10] = info.padInfo.top;
  sizes[11] = info.padInfo.left;
  return info;
}

function forward(name: 'maxPool' | 'avgPool'): MakeKernel<{ readonly x: TensorInfo }, Attributes> {
  return ({ native, backend }) =>
    ({ x }, attributes) => {
      if (x.dtype !== 'float32' || x.shape.length !== 4) return undefined;
      const { filterHeight, filterWidth, outShape } = resolve(x.shape, attributes);
      // tfjs takes a window of one pixel for the identity where the shape stays, whatever padding
      // and strides say, and has specs for it.
      if (filterHeight * filterWidth === 1 && sameShape(x.shape, outShape)) return undefined;
      const size = outShape.reduce((n, length) => n * length, 1);
      const y = backend.allocate(outShape, 'float32', size);
      native[name](backend.values(x), backend.values(y), sizes);
      return y;
    };
}

interface GradInputs {
  readonly dy: TensorInfo;
  readonly input: TensorInfo;
}

function backward(name: 'maxPoolGrad' | 'avgPoolGrad'): MakeKernel<GradInputs, Attributes> {
  return ({ native, backend }) =>
    ({ dy, input }, attributes) => {
      const floats = dy.dtype === 'float32' && input.dtype === 'float32';
      if (!floats || input.shape.length !== 4) return undefined;
      const { outShape } = resolve(input.shape, attributes);
      if (!sameShape(dy.shape, outShape)) return undefined;
      const x = backend.values(input);
      const dx = backend.allocate(input.shape, 'float32', x.length);
      if (name === 'maxPoolGrad') {
        native.maxPoolGrad(backend.values(dy), x, backend.values(dx), sizes);
      } else {
        native.avgPoolGrad(backend.values(dy), backend.values(dx), sizes);
      }
      return dx;
    };
}

export const poolKernels: KernelSet = {
  MaxPool: forward('maxPool'),
  MaxPoolGrad: backward('maxPoolGrad'),
  AvgPool: forward('avgPool'),
  AvgPoolGrad: backward('avgPoolGrad'),
};
