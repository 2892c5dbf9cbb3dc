/** How often each value occurs. */
import type { TensorInfo } from '@tensorflow/tfjs-core';
import { type KernelSet, type MakeKernel, type Runtime, sizeOf } from './kernel.js';

interface Inputs {
  readonly x: TensorInfo;
  /** Empty, or of the shape of x. */
  readonly weights: TensorInfo;
}

function counted(
  { native, backend }: Runtime,
  { x, weights }: Inputs,
  [rows, columns]: readonly [number, number],
  size: number,
  shape: number[],
  binary: boolean,
): TensorInfo | undefined {
  const { dtype } = weights;
  if (x.dtype !== 'int32' || (dtype !== 'float32' && dtype !== 'int32')) return undefined;
  const weighted = sizeOf(weights.shape) > 0;
  const y = backend.allocate(shape, dtype, rows * size);
  try {
    native.bincount(
      backend.values(x),
      weighted ? backend.values(weights) : null,
      backend.values(y),
      rows,
      columns,
      size,
      Number(binary),
    );
  } catch (error) {
    backend.disposeIntermediateTensorInfo(y);
    throw error;
  }
  return y;
}

/** Of all values, whatever the shape of x. */
const bincount: MakeKernel<Inputs, { readonly size: number }> =
  (runtime) =>
  (inputs, { size }) =>
    counted(runtime, inputs, [1, sizeOf(inputs.x.shape)], size, [size], false);

/** Row by row. tfjs's kernel forgets `binaryOutput` when there is one row without an axis for it. */
const denseBincount: MakeKernel<
  Inputs,
  { readonly size: number; readonly binaryOutput?: boolean }
> =
  (runtime) =>
  (inputs, { size, binaryOutput = false }) => {
    const { shape } = inputs.x;
    if (shape.length !== 1 && shape.length !== 2) return undefined;
    const rows = shape.length === 2 ? (shape[0] as number) : 1;
    const out = shape.length === 2 ? [rows, size] : [size];
    return counted(runtime, inputs, [rows, shape.at(-1) as number], size, out, binaryOutput);
  };

export const bincountKernels: KernelSet = { Bincount: bincount, DenseBincount: denseBincount };
