import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import type { KernelFunc } from '@tensorflow/tfjs-core';
import { runElementwise } from '../shaders/elementwise.js';

/** `StrataReluGrad`, in one program: dy, and 0 where y ≤ 0. */
export const reluGrad: KernelFunc = ({ inputs, backend }) =>
  runElementwise(backend as WebGPUBackend, {
    key: 'relu-grad',
    inputs: { dy: inputs['dy']!, y: inputs['y']! },
    code: 'dy = select(dy, 0.0, y <= 0.0);',
    results: ['dy'],
  })[0]!;
