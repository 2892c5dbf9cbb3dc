import type { TensorInfo } from '@tensorflow/tfjs-core';
import type { StrataCpuBackend } from '../backend.js';
import type { NativeKernels } from '../native.js';

export interface Runtime {
  readonly native: NativeKernels;
  readonly backend: StrataCpuBackend;
}

export type Output = TensorInfo | TensorInfo[];

/**
 * Makes a kernel from a runtime. The kernel gives undefined for what it does not cover (dtypes,
 * layouts): the JavaScript kernel of the same name runs then, its errors included.
 */
export type MakeKernel<Inputs, Attributes = object> = (
  runtime: Runtime,
) => (inputs: Inputs, attributes: Attributes) => Output | undefined;

/** Kernel name → what makes the kernel; each knows the inputs and attributes of its own name. */
export type KernelSet = Readonly<Record<string, MakeKernel<never, never>>>;

export function sameShape(a: readonly number[], b: readonly number[]): boolean {
  if (a === b) return true;
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

export function sizeOf(shape: readonly number[]): number {
  let size = 1;
  for (const length of shape) size *= length;
  return size;
}

/** The same elements under another shape, nothing copied. */
export function share({ backend }: Runtime, x: TensorInfo, shape: number[] = x.shape): TensorInfo {
  backend.incRef(x.dataId);
  return { dataId: x.dataId, shape, dtype: x.dtype };
}

/** The dtypes that native kernels hold as they are. */
export function isNumeric(dtype: string): dtype is 'float32' | 'int32' | 'bool' {
  return dtype === 'float32' || dtype === 'int32' || dtype === 'bool';
}
