import type { MathBackendWebGL } from '@tensorflow/tfjs-backend-webgl';
import type { KernelFunc } from '@tensorflow/tfjs-core';
import { runTexels } from '../shaders/texels.js';

/** `StrataReluGrad`, in one program: dy, and 0 where y ≤ 0. */
export const reluGrad: KernelFunc = ({ inputs, backend }) =>
  runTexels(backend as MathBackendWebGL, {
    inputs: { dy: inputs['dy']!, y: inputs['y']! },
    code: 'dy = mix(dy, vec4(0.0), lessThanEqual(y, vec4(0.0)));',
    results: ['dy'],
  })[0]!;
