/** Discrete Fourier transforms along the last axis. */
import type { TensorInfo } from '@tensorflow/tfjs-core';
import { fourierPlan } from './fourier-plan.js';
import { type KernelSet, type MakeKernel, sizeOf } from './kernel.js';

/** The inverse is the transform with the real and the imaginary parts exchanged, over the length. */
function transform(inverse: boolean): MakeKernel<{ readonly input: TensorInfo }> {
  return ({ native, backend }) =>
    ({ input }) => {
      const { shape } = input;
      if (input.dtype !== 'complex64' || shape.length === 0) return undefined;
      const size = sizeOf(shape);
      const length = shape.at(-1) as number;
      const plan = size === 0 ? null : fourierPlan(length, size / length);
      if (plan === undefined) return undefined;
      const parts = backend.partsOf(input);
      const real = backend.allocate(shape, 'float32', size);
      const imag = backend.allocate(shape, 'float32', size);
      if (plan !== null) {
        const from = [parts.real, parts.imag].map((part) => backend.values(part));
        const to = [real, imag].map((part) => backend.values(part));
        const [x, y] = inverse ? [from.toReversed(), to.toReversed()] : [from, to];
        const scale = inverse ? 1 / length : 1;
        native[plan.kernel](...x, ...y, size / length, ...plan.sizes, scale, ...plan.tables);
      }
      return backend.complexOf(real, imag, shape);
    };
}

export const fourierKernels: KernelSet = { FFT: transform(false), IFFT: transform(true) };
