import type { DataType, TensorInfo } from '@tensorflow/tfjs-core';
import { isNumeric, type KernelSet, type MakeKernel, share } from './kernel.js';

/**
 * Between float32, int32 and bool. tfjs's own kernel lets a float32 tensor share the storage of an
 * int32 one; here storage always has the type that the dtype says.
 */
const cast: MakeKernel<{ readonly x: TensorInfo }, { readonly dtype: DataType }> =
  (runtime) =>
  ({ x }, { dtype }) => {
    if (!isNumeric(x.dtype) || !isNumeric(dtype)) return undefined;
    if (x.dtype === dtype) return share(runtime, x);
    const { native, backend } = runtime;
    const values = backend.values(x);
    const y = backend.allocate(x.shape, dtype, values.length);
    native.cast(values, backend.values(y), values.length);
    return y;
  };

export const castKernels: KernelSet = { Cast: cast };
