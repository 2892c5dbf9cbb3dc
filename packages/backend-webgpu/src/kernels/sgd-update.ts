import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import type { KernelFunc, TensorInfo } from '@tensorflow/tfjs-core';
import { numberOf, update } from './update.js';

/** `StrataSgdUpdate`: one program for each parameter. */
export const sgdUpdate: KernelFunc = ({ inputs, attrs, backend }) => {
  const gpu = backend as WebGPUBackend;
  const of = (name: string): TensorInfo | undefined => inputs[name];
  const { count, nesterov } = attrs as unknown as { count: number; nesterov: boolean };
  const numbers = {
    decay: numberOf(attrs, 'weightDecay'),
    momentum: numberOf(attrs, 'momentum'),
    learningRate: numberOf(attrs, 'learningRate'),
  };
  const slope = 'let slope = g + uniforms.decay * p;';
  const parameters: TensorInfo[] = [];
  const velocities: TensorInfo[] = [];
  for (let i = 0; i < count; i++) {
    const [p, g, v] = [of(`p${i}`)!, of(`g${i}`)!, of(`v${i}`)];
    const program =
      v === undefined
        ? {
            key: 'sgd',
            inputs: { p, g },
            results: ['p'],
            code: `${slope} p = p - uniforms.learningRate * slope;`,
          }
        : {
            key: `sgd-momentum-${nesterov}`,
            inputs: { p, g, v },
            results: ['p', 'v'],
            code: `
              ${slope}
              v = uniforms.momentum * v + slope;
              p = p - uniforms.learningRate * ${nesterov ? '(slope + uniforms.momentum * v)' : 'v'};
            `,
          };
    const [parameter, velocity] = update(gpu, { ...program, numbers }, of('gate'));
    parameters.push(parameter!);
    if (velocity !== undefined) velocities.push(velocity);
  }
  return [...parameters, ...velocities];
};
