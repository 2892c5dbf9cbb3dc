import type { TensorInfo } from '@tensorflow/tfjs-core';
import { type KernelSet, type MakeKernel, sameShape } from './kernel.js';

const addN: MakeKernel<readonly TensorInfo[]> =
  ({ native, backend }) =>
  (inputs) => {
    const list = Object.values(inputs);
    const first = list[0];
    if (first === undefined) return undefined;
    if (!list.every((x) => x.dtype === 'float32' && sameShape(x.shape, first.shape))) {
      return undefined;
    }
    const values = list.map((x) => backend.values(x));
    const size = backend.values(first).length;
    const y = backend.allocate(first.shape, 'float32', size);
    native.addN(backend.values(y), size, ...values);
    return y;
  };

export const addNKernels: KernelSet = { AddN: addN };
