import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import type { KernelFunc, TensorInfo } from '@tensorflow/tfjs-core';
import { type Change, change, numberOf } from './update.js';

const D = '(G[index] + uniforms.decay * P[index])';

/** `StrataSgdUpdate`: two programs for each parameter with momentum, one without. */
export const sgdUpdate: KernelFunc = ({ inputs, attrs, backend }) => {
  const gpu = backend as WebGPUBackend;
  const of = (name: string): TensorInfo => inputs[name]!;
  const { count, nesterov } = attrs as unknown as { count: number; nesterov: boolean };
  const decay = numberOf(attrs, 'weightDecay');
  const momentum = numberOf(attrs, 'momentum');
  const learningRate = numberOf(attrs, 'learningRate');
  const run = (of: Change): TensorInfo => change(gpu, of, inputs['gate']);
  const parameters: TensorInfo[] = [];
  const velocities: TensorInfo[] = [];
  for (let i = 0; i < count; i++) {
    const [P, G] = [of(`p${i}`), of(`g${i}`)];
    if (inputs[`v${i}`] === undefined) {
      const element = `P[index] - uniforms.learningRate * ${D}`;
      parameters.push(
        run({ key: 'sgd', inputs: { P, G }, numbers: { decay, learningRate }, element }),
      );
      continue;
    }
    const V = run({
      key: 'sgd-velocity',
      inputs: { V: of(`v${i}`), G, P },
      numbers: { decay, momentum },
      element: `uniforms.momentum * V[index] + ${D}`,
    });
    velocities.push(V);
    parameters.push(
      nesterov
        ? run({
            key: 'sgd-nesterov',
            inputs: { P, G, V },
            numbers: { decay, momentum, learningRate },
            element: `P[index] - uniforms.learningRate * (${D} + uniforms.momentum * V[index])`,
          })
        : run({
            key: 'sgd-momentum',
            inputs: { P, V },
            numbers: { learningRate },
            element: 'P[index] - uniforms.learningRate * V[index]',
          }),
    );
  }
  return [...parameters, ...velocities];
};
