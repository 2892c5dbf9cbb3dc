import type { MathBackendWebGL } from '@tensorflow/tfjs-backend-webgl';
import type { KernelFunc } from '@tensorflow/tfjs-core';
import { NOT_FINITE } from './program.js';
import { change, numberOf } from './update.js';

/** `StrataAverageUpdate`: one program for each average. */
export const averageUpdate: KernelFunc = ({ inputs, attrs, backend }) => {
  const gpu = backend as MathBackendWebGL;
  const weight = numberOf(attrs, 'weight');
  const { scales } = attrs as unknown as { scales: readonly number[] };
  return scales.map((scale, i) =>
    change(
      gpu,
      {
        inputs: { a: inputs[`a${i}`]!, x: inputs[`x${i}`]! },
        numbers: { weight, scale },
        declarations: `
          ${NOT_FINITE}
          vec4 moved(vec4 a, vec4 x) {
            vec4 to = a + weight * (scale * x - a);
            return mix(to, a, bvec4(notFinite(to.x), notFinite(to.y), notFinite(to.z), notFinite(to.w)));
          }
        `,
        next: 'moved(a, x)',
      },
      undefined,
    ),
  );
};
