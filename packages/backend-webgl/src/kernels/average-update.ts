import type { MathBackendWebGL } from '@tensorflow/tfjs-backend-webgl';
import type { KernelFunc } from '@tensorflow/tfjs-core';
import { NOT_FINITE } from '../shaders/program.js';
import { runTexels } from '../shaders/texels.js';
import { numberOf } from './update.js';

/** `StrataAverageUpdate`: one program for each average. */
export const averageUpdate: KernelFunc = ({ inputs, attrs, backend }) => {
  const gpu = backend as MathBackendWebGL;
  const weight = numberOf(attrs, 'weight');
  const { scales } = attrs as unknown as { scales: readonly number[] };
  return scales.flatMap((scale, i) =>
    runTexels(gpu, {
      inputs: { a: inputs[`a${i}`]!, x: inputs[`x${i}`]! },
      numbers: { weight, scale },
      declarations: NOT_FINITE,
      code: `
        vec4 to = a + weight * (scale * x - a);
        a = mix(to, a, bvec4(notFinite(to.x), notFinite(to.y), notFinite(to.z), notFinite(to.w)));
      `,
      results: ['a'],
    }),
  );
};
