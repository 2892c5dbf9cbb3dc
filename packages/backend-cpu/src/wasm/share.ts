/**
 * Kernels that move no element, as the result lies where the input does. What is wrong with their arguments
 * the JavaScript kernels say.
 */
import { type DataType, type TensorInfo, util } from '@tensorflow/tfjs-core';
import { isNumeric } from '../kernels/kernel.js';
import type { MakeWasmKernel, WasmKernelSet } from './kernel.js';

const identity: MakeWasmKernel<{ readonly x: TensorInfo }> =
  ({ backend }) =>
  ({ x }) =>
    backend.share(x);

const reshape: MakeWasmKernel<{ readonly x: TensorInfo }, { readonly shape: number[] }> =
  ({ backend }) =>
  ({ x }, { shape }) => {
    const size = util.sizeFromShape(x.shape);
    const resolved = util.inferFromImplicitShape(shape, size);
    return util.sizeFromShape(resolved) === size ? backend.share(x, resolved) : undefined;
  };

const expandDims: MakeWasmKernel<{ readonly input: TensorInfo }, { readonly dim: number }> =
  ({ backend }) =>
  ({ input }, { dim }) => {
    const rank = input.shape.length;
    if (dim < -(rank + 1) || dim > rank) return undefined;
    return backend.share(input, input.shape.toSpliced(dim < 0 ? rank + dim + 1 : dim, 0, 1));
  };

/** tfjs's own keeps what is not 0 or 1 in a bool. */
const cast: MakeWasmKernel<{ readonly x: TensorInfo }, { readonly dtype: DataType }> =
  ({ backend }) =>
  ({ x }, { dtype }) => {
    if (x.dtype === dtype) return backend.share(x);
    if (!isNumeric(x.dtype) || !isNumeric(dtype)) return undefined;
    const y = backend.makeOutput(x.shape, dtype);
    const from = backend.typedArrayFromHeap(x);
    const to = backend.typedArrayFromHeap(y);
    if (dtype === 'bool') for (let i = 0; i < to.length; i++) to[i] = from[i] === 0 ? 0 : 1;
    else to.set(from);
    return y;
  };

const complex: MakeWasmKernel<{ readonly real: TensorInfo; readonly imag: TensorInfo }> =
  ({ backend }) =>
  ({ real, imag }) =>
    backend.makeComplex(backend.share(real), backend.share(imag));

const part =
  (which: 'real' | 'imag'): MakeWasmKernel<{ readonly input: TensorInfo }> =>
  ({ backend }) =>
  ({ input }) => {
    const { complexTensorInfos } = backend.dataIdMap.get(input.dataId);
    return complexTensorInfos && backend.share(complexTensorInfos[which], input.shape);
  };

export const sharingKernels: WasmKernelSet = {
  Identity: identity,
  Reshape: reshape,
  ExpandDims: expandDims,
  Cast: cast,
  Complex: complex,
  Real: part('real'),
  Imag: part('imag'),
};
