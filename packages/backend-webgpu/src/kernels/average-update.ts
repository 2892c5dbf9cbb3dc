import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import type { KernelFunc } from '@tensorflow/tfjs-core';
import { NOT_FINITE } from './program.js';
import { change, numberOf } from './update.js';

/** `StrataAverageUpdate`: one program for each average. */
export const averageUpdate: KernelFunc = ({ inputs, attrs, backend }) => {
  const { scales } = attrs as unknown as { scales: readonly number[] };
  const weight = numberOf(attrs, 'weight');
  return scales.map((scale, i) =>
    change(
      backend as WebGPUBackend,
      {
        key: 'average',
        inputs: { A: inputs[`a${i}`]!, X: inputs[`x${i}`]! },
        numbers: { weight, scale },
        declarations: `
          ${NOT_FINITE}
          fn moved(a : f32, x : f32) -> f32 {
            let next = a + uniforms.weight * (uniforms.scale * x - a);
            return select(next, a, notFinite(next));
          }
        `,
        element: 'moved(A[index], X[index])',
      },
      undefined,
    ),
  );
};
