import type { MathBackendWebGL } from '@tensorflow/tfjs-backend-webgl';
import type { KernelFunc } from '@tensorflow/tfjs-core';
import { change } from './update.js';

/** `StrataReluGrad`, in one program: dy, and 0 where y ≤ 0. */
export const reluGrad: KernelFunc = ({ inputs, backend }) =>
  change(
    backend as MathBackendWebGL,
    {
      inputs: { dy: inputs['dy']!, y: inputs['y']! },
      next: 'mix(dy, vec4(0.0), lessThanEqual(y, vec4(0.0)))',
    },
    undefined,
  );
