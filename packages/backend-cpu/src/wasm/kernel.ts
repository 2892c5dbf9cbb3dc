import type { KernelFunc, NamedTensorInfoMap, TensorInfo } from '@tensorflow/tfjs-core';
import type { StrataWasmBackend } from './backend.js';
import type { WasmModule } from './program.js';

/** What a kernel of this tier that is written upon others works with. */
export interface WasmRuntime {
  readonly backend: StrataWasmBackend;
  readonly wasm: WasmModule;
  /** Runs a kernel of this engine that has one result. The caller disposes it. */
  run(name: string, inputs: NamedTensorInfoMap, attributes?: object): TensorInfo;
}

/** Gives undefined for what it leaves to the kernel of the same name on a host copy. */
export type MakeWasmKernel<Inputs, Attributes = object> = (
  runtime: WasmRuntime,
) => (inputs: Inputs, attributes: Attributes) => TensorInfo | TensorInfo[] | undefined;

export type WasmKernelSet = Readonly<Record<string, MakeWasmKernel<never, never>>>;

/** The arguments of a tfjs kernel. */
export type KernelArguments = Parameters<KernelFunc>[0];

/** Gives a temporary tensor to `use`, and disposes it afterwards, errors or not. */
export function using<T>(
  { backend }: WasmRuntime,
  temporary: TensorInfo,
  use: (temporary: TensorInfo) => T,
): T {
  try {
    return use(temporary);
  } finally {
    backend.disposeData(temporary.dataId);
  }
}

/** The program's number of a tensor. */
export function idOf({ backend }: WasmRuntime, x: TensorInfo): number {
  return backend.dataIdMap.get(x.dataId).id;
}

export function isFloat(...tensors: (TensorInfo | null | undefined)[]): boolean {
  return tensors.every((t) => !t || t.dtype === 'float32');
}
