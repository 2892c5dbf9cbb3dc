/** Products of matrices. */
import { broadcast_util, type TensorInfo } from '@tensorflow/tfjs-core';
import { ACTIVATIONS, withEpilogue } from './epilogue.js';
import { type KernelSet, type MakeKernel, sameShape, sizeOf } from './kernel.js';

interface Inputs {
  readonly a: TensorInfo;
  readonly b: TensorInfo;
  readonly bias?: TensorInfo | null;
}

interface Attributes {
  readonly transposeA?: boolean;
  readonly transposeB?: boolean;
  readonly activation?: string | null;
}

/** [m, n, k, transposeA, transposeB, activation, batch, aBatch, bBatch], as native/kernels/matmul.cc reads it. */
const sizes = new Int32Array(9);

/** activation(a·b + bias) for every pair of matrices of two batches, which broadcast. */
const matmul: MakeKernel<Inputs, Attributes> =
  ({ native, backend }) =>
  ({ a, b, bias }, { transposeA, transposeB, activation }) => {
    if (a.dtype !== 'float32' || b.dtype !== 'float32') return undefined;
    const code = ACTIVATIONS[activation ?? 'linear'];
    const rankA = a.shape.length;
    const rankB = b.shape.length;
    if (code === undefined || rankA < 2 || rankB < 2) return undefined;
    const rowsA = a.shape[rankA - 2] as number;
    const columnsA = a.shape[rankA - 1] as number;
    const rowsB = b.shape[rankB - 2] as number;
    const columnsB = b.shape[rankB - 1] as number;
    const m = transposeA ? columnsA : rowsA;
    const k = transposeA ? rowsA : columnsA;
    const n = transposeB ? rowsB : columnsB;
    if (k !== (transposeB ? columnsB : rowsB) || !isBias(bias, n)) return undefined;

    const outerA = a.shape.slice(0, -2);
    const outerB = b.shape.slice(0, -2);
    const outer = sameShape(outerA, outerB)
      ? outerA
      : broadcast_util.assertAndGetBroadcastShape(outerA, outerB);
    const batch = sizeOf(outer);
    const batchA = sizeOf(outerA);
    const batchB = sizeOf(outerB);
    sizes[0] = m;
    sizes[1] = n;
    sizes[2] = k;
    sizes[3] = transposeA ? 1 : 0;
    sizes[4] = transposeB ? 1 : 0;
    sizes[5] = code;
    const y = backend.allocate([...outer, m, n], 'float32', batch * m * n);
    const left = backend.values(a);
    const right = backend.values(b);
    const offset = bias ? backend.values(bias) : null;
    const result = backend.values(y);
    if ((batchA === 1 || batchA === batch) && (batchB === 1 || batchB === batch)) {
      sizes[6] = batch;
      sizes[7] = batchA;
      sizes[8] = batchB;
      native.matmul(left, right, offset, result, sizes);
      return y;
    }
    // Both batches repeat, along different axes.
    sizes[6] = sizes[7] = sizes[8] = 1;
    const ofA = broadcastIndices(outerA, outer);
    const ofB = broadcastIndices(outerB, outer);
    for (let z = 0; z < batch; z++) {
      const [i, j] = [ofA[z] as number, ofB[z] as number];
      native.matmul(
        left.subarray(i * m * k, (i + 1) * m * k),
        right.subarray(j * k * n, (j + 1) * k * n),
        offset,
        result.subarray(z * m * n, (z + 1) * m * n),
        sizes,
      );
    }
    return y;
  };

/** Whether there is no bias, or one over n columns. */
export function isBias(bias: TensorInfo | null | undefined, n: number): boolean {
  if (!bias) return true;
  return bias.dtype === 'float32' && sizeOf(bias.shape) === n && (bias.shape.at(-1) ?? 1) === n;
}

/** For each position of `to`, in order, the one of `from` that is repeated there. */
export function broadcastIndices(from: readonly number[], to: readonly number[]): number[] {
  let indices = [0];
  const lead = to.length - from.length;
  for (let d = 0; d < to.length; d++) {
    const own = d < lead ? 1 : (from[d - lead] as number);
    indices = indices.flatMap((i) =>
      Array.from({ length: to[d] as number }, (_, j) => i * own + (own === 1 ? 0 : j)),
    );
  }
  return indices;
}

export const matmulKernels: KernelSet = { BatchMatMul: matmul, _FusedMatMul: withEpilogue(matmul) };
