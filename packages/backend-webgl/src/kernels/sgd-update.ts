import type { MathBackendWebGL } from '@tensorflow/tfjs-backend-webgl';
import type { KernelFunc, TensorInfo } from '@tensorflow/tfjs-core';
import { numberOf, update } from './update.js';

/** `StrataSgdUpdate`: one program for each parameter. */
export const sgdUpdate: KernelFunc = ({ inputs, attrs, backend }) => {
  const gpu = backend as MathBackendWebGL;
  const of = (name: string): TensorInfo | undefined => inputs[name];
  const { count, nesterov } = attrs as unknown as { count: number; nesterov: boolean };
  const numbers = {
    decay: numberOf(attrs, 'weightDecay'),
    momentum: numberOf(attrs, 'momentum'),
    learningRate: numberOf(attrs, 'learningRate'),
  };
  const parameters: TensorInfo[] = [];
  const velocities: TensorInfo[] = [];
  for (let i = 0; i < count; i++) {
    const [p, g, v] = [of(`p${i}`)!, of(`g${i}`)!, of(`v${i}`)];
    const shader =
      v === undefined
        ? { inputs: { p, g }, results: ['p'], code: 'p -= learningRate * (g + decay * p);' }
        : {
            inputs: { p, g, v },
            results: ['p', 'v'],
            code: `
              vec4 slope = g + decay * p;
              v = momentum * v + slope;
              p -= learningRate * ${nesterov ? '(slope + momentum * v)' : 'v'};
            `,
          };
    const [parameter, velocity] = update(gpu, { ...shader, numbers }, of('gate'));
    parameters.push(parameter!);
    if (velocity !== undefined) velocities.push(velocity);
  }
  return [...parameters, ...velocities];
};
