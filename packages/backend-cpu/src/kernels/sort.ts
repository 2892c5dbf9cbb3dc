/** The order of elements along the last axis. */
import type { TensorInfo } from '@tensorflow/tfjs-core';
import { type KernelSet, type MakeKernel, sizeOf } from './kernel.js';

interface Inputs {
  readonly x: TensorInfo;
}

/** The k greatest, always in order: `sorted: false` asks for no other one. */
const topK: MakeKernel<Inputs, { readonly k: number }> =
  ({ native, backend }) =>
  ({ x }, { k }) => {
    const columns = x.shape.at(-1);
    if (columns === undefined || k > columns) return undefined;
    if (x.dtype !== 'float32' && x.dtype !== 'int32') return undefined;
    const outer = x.shape.slice(0, -1);
    const rows = sizeOf(outer);
    const values = backend.allocate([...outer, k], x.dtype, rows * k);
    const indices = backend.allocate([...outer, k], 'int32', rows * k);
    native.topK(
      backend.values(x),
      backend.values(values),
      backend.values(indices),
      rows,
      columns,
      k,
    );
    return [values, indices];
  };

/** All of each row; core's KERNELS.md defines it. */
const sort: MakeKernel<Inputs, { readonly descending: boolean }> =
  ({ native, backend }) =>
  ({ x }, { descending }) => {
    if (x.dtype !== 'float32' && x.dtype !== 'int32') return undefined;
    const columns = x.shape.at(-1) as number;
    const size = sizeOf(x.shape);
    const values = backend.allocate(x.shape, x.dtype, size);
    const indices = backend.allocate(x.shape, 'int32', size);
    native.sort(
      backend.values(x),
      backend.values(values),
      backend.values(indices),
      size / columns,
      columns,
      Number(descending),
    );
    return [values, indices];
  };

export const sortKernels: KernelSet = { TopK: topK, StrataSort: sort };
