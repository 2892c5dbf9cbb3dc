/**
 * Rectifiers of float32. tfjs's WASM kernels make 0 of a NaN whose sign bit is set, and such is the NaN that
 * x86 makes of ∞ − ∞ or 0 / 0; their Prelu reads past slopes that are not one per channel, and multiplies
 * them by 0 where x is positive, which infinite ones do not survive.
 */
import { type TensorInfo, util } from '@tensorflow/tfjs-core';
import { isFloat, type MakeWasmKernel, type WasmKernelSet } from './kernel.js';

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

const prelu: MakeWasmKernel<{ readonly x: TensorInfo; readonly alpha: TensorInfo }> =
  ({ backend }) =>
  ({ x, alpha }) => {
    const channels = x.shape.at(-1);
    const perChannel =
      alpha.shape.at(-1) === channels &&
      util.sizeFromShape(alpha.shape) === channels &&
      alpha.shape.length <= x.shape.length;
    if (!perChannel || !isFloat(x, alpha)) return undefined;
    const out = backend.makeOutput(x.shape, 'float32');
    const from = backend.typedArrayFromHeap(x);
    const slopes = backend.typedArrayFromHeap(alpha);
    const to = backend.typedArrayFromHeap(out);
    for (let i = 0; i < from.length;) {
      for (let c = 0; c < slopes.length; c++, i++) {
        const v = from[i] as number;
        to[i] = v >= 0 ? v : v * (slopes[c] as number);
      }
    }
    return out;
  };

export const rectifyingKernels: WasmKernelSet = {
  Relu: rectifier(relu),
  Relu6: rectifier(relu6),
  Prelu: prelu,
};
