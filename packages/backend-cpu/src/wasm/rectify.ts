/**
 * Rectifiers of float32. tfjs's WASM kernels make 0 of a NaN whose sign bit is set, and such is the NaN that
 * x86 makes of ∞ − ∞ or 0 / 0.
 */
import type { TensorInfo } from '@tensorflow/tfjs-core';
import type { MakeWasmKernel, WasmKernelSet } from './kernel.js';

function rectifier(
  fill: (x: Float32Array, y: Float32Array) => void,
): MakeWasmKernel<{ readonly x: TensorInfo }> {
  return ({ backend }) =>
    ({ x }) => {
      if (x.dtype !== 'float32') return undefined;
      const y = backend.makeOutput(x.shape, 'float32');
      fill(
        backend.typedArrayFromHeap(x) as Float32Array,
        backend.typedArrayFromHeap(y) as Float32Array,
      );
      return y;
    };
}

// NaN fails every comparison, and so passes through.

function relu(x: Float32Array, y: Float32Array): void {
  for (let i = 0; i < x.length; i++) {
    const v = x[i] as number;
    y[i] = v <= 0 ? 0 : v;
  }
}

function relu6(x: Float32Array, y: Float32Array): void {
  for (let i = 0; i < x.length; i++) {
    const v = x[i] as number;
    y[i] = v <= 0 ? 0 : v > 6 ? 6 : v;
  }
}

export const rectifyingKernels: WasmKernelSet = {
  Relu: rectifier(relu),
  Relu6: rectifier(relu6),
};
