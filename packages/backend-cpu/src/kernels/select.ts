import type { TensorInfo } from '@tensorflow/tfjs-core';
import { type KernelSet, type MakeKernel, sameShape } from './kernel.js';

interface Inputs {
  readonly condition: TensorInfo;
  readonly t: TensorInfo;
  readonly e: TensorInfo;
}

/** condition ? t : e, all of one shape. */
const select: MakeKernel<Inputs> =
  ({ native, backend }) =>
  ({ condition, t, e }) => {
    const { dtype, shape } = t;
    const covered =
      condition.dtype === 'bool' && e.dtype === dtype && (dtype === 'float32' || dtype === 'int32');
    if (!covered || !sameShape(condition.shape, shape) || !sameShape(e.shape, shape)) {
      return undefined;
    }
    const values = backend.values(t);
    const y = backend.allocate(shape, dtype, values.length);
    native.select(
      backend.values(condition),
      values,
      backend.values(e),
      backend.values(y),
      values.length,
    );
    return y;
  };

export const selectKernels: KernelSet = { Select: select };
