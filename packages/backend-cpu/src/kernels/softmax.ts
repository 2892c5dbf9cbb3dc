import type { TensorInfo } from '@tensorflow/tfjs-core';
import type { KernelSet, MakeKernel } from './kernel.js';

/** Along the last axis, the only one that tfjs asks for. */
const softmax: MakeKernel<{ readonly logits: TensorInfo }, { readonly dim: number }> =
  ({ native, backend }) =>
  ({ logits }, { dim }) => {
    const rank = logits.shape.length;
    if (logits.dtype !== 'float32' || (dim !== -1 && dim !== rank - 1)) return undefined;
    const columns = logits.shape[rank - 1] ?? 1;
    const values = backend.values(logits);
    if (values.length === 0) return undefined;
    const y = backend.allocate(logits.shape, 'float32', values.length);
    native.softmax(values, backend.values(y), values.length / columns, columns);
    return y;
  };

export const softmaxKernels: KernelSet = { Softmax: softmax };
