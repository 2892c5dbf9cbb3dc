import type { TensorInfo } from '@tensorflow/tfjs-core';

/** What these kernels use of the engine's storage. */
export interface Storage {
  readonly data: { get(dataId: object): { values: Float32Array | Int32Array } };
  makeTensorInfo(
    shape: readonly number[],
    dtype: 'float32' | 'int32',
    values: Float32Array | Int32Array,
  ): TensorInfo;
}

/** A kernel; undefined where it leaves the work to tfjs's own. */
export type JavascriptKernel = (
  inputs: Readonly<Record<string, TensorInfo>>,
  attrs: Readonly<Record<string, unknown>>,
  storage: Storage,
) => TensorInfo | undefined;

/** Of a float32 tensor. */
export const values = (storage: Storage, t: TensorInfo): Float32Array =>
  storage.data.get(t.dataId).values as Float32Array;

/** Of an int32 tensor. */
export const integers = (storage: Storage, t: TensorInfo): Int32Array =>
  storage.data.get(t.dataId).values as Int32Array;
