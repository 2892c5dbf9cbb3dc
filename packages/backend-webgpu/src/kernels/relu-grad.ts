import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import type { KernelFunc } from '@tensorflow/tfjs-core';
import { change } from './update.js';

/** `StrataReluGrad`, in one program: dy, and 0 where y ≤ 0. */
export const reluGrad: KernelFunc = ({ inputs, backend }) =>
  change(
    backend as WebGPUBackend,
    {
      key: 'relu-grad',
      inputs: { Dy: inputs['dy']!, Y: inputs['y']! },
      element: 'select(Dy[index], 0.0, Y[index] <= 0.0)',
    },
    undefined,
  );
