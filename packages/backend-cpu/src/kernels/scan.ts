/** Running sums and products. */
import { type TensorInfo, util } from '@tensorflow/tfjs-core';
import { type KernelSet, type MakeKernel, sizeOf } from './kernel.js';

interface Attributes {
  readonly axis: number;
  readonly exclusive: boolean;
  readonly reverse: boolean;
}

function scan(name: 'cumsum' | 'cumprod'): MakeKernel<{ readonly x: TensorInfo }, Attributes> {
  return ({ native, backend }) =>
    ({ x }, { axis, exclusive, reverse }) => {
      const { dtype, shape } = x;
      if (dtype !== 'float32' && dtype !== 'int32') return undefined;
      const [at] = util.parseAxisParam(axis, shape);
      if (at === undefined) return undefined;
      const y = backend.allocate(shape, dtype, sizeOf(shape));
      native[name](
        backend.values(x),
        backend.values(y),
        sizeOf(shape.slice(0, at)),
        shape[at] as number,
        sizeOf(shape.slice(at + 1)),
        Number(exclusive),
        Number(reverse),
      );
      return y;
    };
}

export const scanKernels: KernelSet = { Cumsum: scan('cumsum'), Cumprod: scan('cumprod') };
