import type { MathBackendWebGL } from '@tensorflow/tfjs-backend-webgl';
import type { KernelFunc, TensorInfo } from '@tensorflow/tfjs-core';
import { change, numberOf } from './update.js';

/** `StrataSgdUpdate`: two programs for each parameter with momentum, one without. */
export const sgdUpdate: KernelFunc = ({ inputs, attrs, backend }) => {
  const gpu = backend as MathBackendWebGL;
  const of = (name: string): TensorInfo | undefined => inputs[name];
  const { count, nesterov } = attrs as unknown as { count: number; nesterov: boolean };
  const numbers = { decay: numberOf(attrs, 'weightDecay') };
  const momentum = numberOf(attrs, 'momentum');
  const learningRate = numberOf(attrs, 'learningRate');
  const gate = of('gate');
  const parameters: TensorInfo[] = [];
  const velocities: TensorInfo[] = [];
  for (let i = 0; i < count; i++) {
    const [p, g, v] = [of(`p${i}`)!, of(`g${i}`)!, of(`v${i}`)];
    if (v === undefined) {
      const next = 'p - learningRate * (g + decay * p)';
      parameters.push(
        change(gpu, { inputs: { p, g }, numbers: { ...numbers, learningRate }, next }, gate),
      );
      continue;
    }
    const velocity = change(
      gpu,
      {
        inputs: { v, g, p },
        numbers: { ...numbers, momentum },
        next: 'momentum * v + (g + decay * p)',
      },
      gate,
    );
    velocities.push(velocity);
    parameters.push(
      nesterov
        ? change(
            gpu,
            {
              inputs: { p, g, velocity },
              numbers: { ...numbers, momentum, learningRate },
              next: 'p - learningRate * ((g + decay * p) + momentum * velocity)',
            },
            gate,
          )
        : change(
            gpu,
            {
              inputs: { p, velocity },
              numbers: { learningRate },
              next: 'p - learningRate * velocity',
            },
            gate,
          ),
    );
  }
  return [...parameters, ...velocities];
};
