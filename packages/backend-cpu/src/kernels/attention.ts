/** Scaled dot-product attention and its gradient. */
import type { TensorInfo } from '@tensorflow/tfjs-core';
import type { NativeArgument } from '../native.js';
import { type KernelSet, type MakeKernel, type Runtime, sizeOf } from './kernel.js';

interface Inputs {
  readonly q: TensorInfo;
  readonly k: TensorInfo;
  readonly v: TensorInfo;
  readonly mask: TensorInfo;
  readonly lengths: TensorInfo;
}

interface GradientInputs extends Inputs {
  readonly y: TensorInfo;
  readonly logSumExp: TensorInfo;
  readonly dy: TensorInfo;
}

interface Attributes {
  readonly causal: boolean;
  readonly scale: number;
}

/** y and the logarithms of the rows' sums. */
const forward: MakeKernel<Inputs, Attributes> = (runtime) => (inputs, attributes) => {
  const { native, backend } = runtime;
  const { q, k, v } = inputs;
  const rows = q.shape.slice(0, -1);
  const shape = [...rows, v.shape.at(-1)!];
  const y = backend.allocate(shape, 'float32', sizeOf(shape));
  const logSumExp = backend.allocate(rows, 'float32', sizeOf(rows));
  native.attention(
    backend.values(q),
    backend.values(k),
    backend.values(v),
    ...masks(runtime, inputs),
    backend.values(y),
    backend.values(logSumExp),
    sizesOf(inputs, attributes),
    attributes.scale,
  );
  return [y, logSumExp];
};

/** The gradients of q, k and v. */
const backward: MakeKernel<GradientInputs, Attributes> = (runtime) => (inputs, attributes) => {
  const { native, backend } = runtime;
  const { q, k, v, y, logSumExp, dy } = inputs;
  const like = (x: TensorInfo): TensorInfo => backend.allocate(x.shape, 'float32', sizeOf(x.shape));
  const [dq, dk, dv] = [like(q), like(k), like(v)];
  native.attentionGradient(
    backend.values(q),
    backend.values(k),
    backend.values(v),
    ...masks(runtime, inputs),
    backend.values(y),
    backend.values(logSumExp),
    backend.values(dy),
    backend.values(dq),
    backend.values(dk),
    backend.values(dv),
    sizesOf(inputs, attributes),
    attributes.scale,
  );
  return [dq, dk, dv];
};

/** The mask, where each matrix of the batch has its own, and the lengths: as native/attention/view.h reads them. */
function masks({ backend }: Runtime, { q, mask, lengths }: Inputs): NativeArgument[] {
  const none = sizeOf(mask.shape) === 0;
  return [
    none ? null : backend.values(mask),
    none ? null : placesOf(q.shape.slice(0, -2), mask.shape.slice(0, -2), matrixOf(mask)),
    sizeOf(lengths.shape) === 0 ? null : backend.values(lengths),
  ];
}

/** Elements of one matrix of a mask [..., L or 1, S] or [S]. */
function matrixOf({ shape }: TensorInfo): number {
  return sizeOf(shape.slice(-2));
}

/** Where the matrices of `own` axes lie for each of those of `batch`, to which they broadcast. */
function placesOf(batch: readonly number[], own: readonly number[], matrix: number): Int32Array {
  let places = Int32Array.of(0);
  let step = matrix;
  for (let axis = batch.length - 1; axis >= 0; axis--) {
    const size = own[own.length - batch.length + axis] ?? 1;
    const [inner, by] = [places, size === 1 ? 0 : step];
    places = new Int32Array(batch[axis]! * inner.length);
    for (let i = 0; i < places.length; i++) {
      places[i] = inner[i % inner.length]! + Math.floor(i / inner.length) * by;
    }
    step *= size;
  }
  return places;
}

/** As native/attention/view.h reads it; written anew by every call. */
const sizes = new Int32Array(8);

function sizesOf({ q, k, v, mask, lengths }: Inputs, { causal }: Attributes): Int32Array {
  const [rows, features] = q.shape.slice(-2) as [number, number];
  const [keys, width] = v.shape.slice(-2) as [number, number];
  const matrices = sizeOf(k.shape.slice(0, -2));
  sizes[0] = matrices;
  sizes[1] = rows;
  sizes[2] = keys;
  sizes[3] = features;
  sizes[4] = width;
  sizes[5] = causal ? 1 : 0;
  sizes[6] = (mask.shape.at(-2) ?? 1) === 1 ? 0 : keys;
  sizes[7] = matrices / Math.max(1, sizeOf(lengths.shape));
  return sizes;
}

export const attentionKernels: KernelSet = {
  StrataAttention: forward,
  StrataAttentionGrad: backward,
};
