import type { TensorInfo } from '@tensorflow/tfjs-core';
import type { LateNumber, NativeKernels } from '../native.js';
import type { PooledType } from '../storage/buffer-pool.js';
import type { NumericArray } from '../storage/data-table.js';

/** The engine's memory as kernels use it: what StrataCpuBackend says of these holds for all. */
export interface KernelMemory {
  allocate(shape: number[], dtype: PooledType, size: number): TensorInfo;
  /** For native calls; a kernel that looks into them itself cannot be part of a native program. */
  values(info: { dataId: object }): NumericArray;
  alias(info: TensorInfo, shape: number[]): TensorInfo;
  complexOf(real: TensorInfo, imag: TensorInfo, shape: number[]): TensorInfo;
  partsOf(info: TensorInfo): { real: TensorInfo; imag: TensorInfo };
  mayOverwrite(info: { dataId: object }): boolean;
  incRef(dataId: object): void;
  disposeData(dataId: object): unknown;
  disposeIntermediateTensorInfo(info: TensorInfo): void;
}

/** What a kernel works with: the engine, or the planning of a program for it. */
export interface Runtime {
  readonly native: NativeKernels;
  readonly backend: KernelMemory;
  /** A number that changes from run to run of a program, for a native call: `read()` now, or before every run. */
  late(read: () => number): number | LateNumber;
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
