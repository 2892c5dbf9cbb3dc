import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import type { KernelFunc } from '@tensorflow/tfjs-core';
import { runElementwise } from '../shaders/elementwise.js';
import { NOT_FINITE } from '../shaders/program.js';
import { numberOf } from './update.js';

/** `StrataAverageUpdate`: one program for each average. */
export const averageUpdate: KernelFunc = ({ inputs, attrs, backend }) => {
  const { scales } = attrs as unknown as { scales: readonly number[] };
  const weight = numberOf(attrs, 'weight');
  return scales.flatMap((scale, i) =>
    runElementwise(backend as WebGPUBackend, {
      key: 'average',
      inputs: { a: inputs[`a${i}`]!, x: inputs[`x${i}`]! },
      numbers: { weight, scale },
      declarations: NOT_FINITE,
      code: `
        let next = a + uniforms.weight * (uniforms.scale * x - a);
        a = select(next, a, notFinite(next));
      `,
      results: ['a'],
    }),
  );
};
