import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import type { KernelFunc, TensorInfo } from '@tensorflow/tfjs-core';
import { type Change, change, numberOf } from './update.js';

/** 1 − beta^step = −expm1(exponent): near 0 the difference itself would lose its digits. */
const CORRECTION = `
  fn correction(exponent : f32) -> f32 {
    if (exponent < -0.5) {
      return 1.0 - exp(exponent);
    }
    var sum = 1.0;
    for (var i = 10.0; i > 1.0; i = i - 1.0) {
      sum = 1.0 + sum * exponent / i;
    }
    return -exponent * sum;
  }
`;
/** The gradient, with the decay that acts on it. */
const G = '(G[index] + uniforms.l2 * P[index])';

/** `StrataAdamUpdate`: three programs for each parameter, and one for the step. */
export const adamUpdate: KernelFunc = ({ inputs, attrs, backend }) => {
  const gpu = backend as WebGPUBackend;
  const of = (name: string): TensorInfo => inputs[name]!;
  const run = (of: Change): TensorInfo => change(gpu, of, inputs['gate']);
  const { count, decoupled } = attrs as unknown as { count: number; decoupled: boolean };
  const [beta1, beta2] = [numberOf(attrs, 'beta1'), numberOf(attrs, 'beta2')];
  const [learningRate, decay] = [numberOf(attrs, 'learningRate'), numberOf(attrs, 'weightDecay')];
  const l2 = decoupled ? 0 : decay;
  const Step = run({ key: 'adam-step', inputs: { Step: of('step') }, element: 'Step[index] + 1' });
  const numbers = {
    learningRate,
    kept: decoupled ? 1 - learningRate * decay : 1,
    epsilon: numberOf(attrs, 'epsilon'),
    // Of beta 0 nothing is left after one step, and a uniform may not be infinite.
    log1: Math.max(Math.log(beta1), -100),
    log2: Math.max(Math.log(beta2), -100),
  };
  const ps: TensorInfo[] = [];
  const ms: TensorInfo[] = [];
  const vs: TensorInfo[] = [];
  for (let i = 0; i < count; i++) {
    const parts = { G: of(`g${i}`), P: of(`p${i}`) };
    const M = run({
      key: 'adam-first',
      inputs: { M: of(`m${i}`), ...parts },
      numbers: { l2, share: 1 - beta1 },
      element: `M[index] + uniforms.share * (${G} - M[index])`,
    });
    const V = run({
      key: 'adam-second',
      inputs: { V: of(`v${i}`), ...parts },
      numbers: { l2, beta2, share: 1 - beta2 },
      element: `uniforms.beta2 * V[index] + uniforms.share * ${G} * ${G}`,
    });
    ms.push(M);
    vs.push(V);
    ps.push(
      run({
        key: 'adam',
        inputs: { P: parts.P, M, V, Step },
        numbers,
        declarations: CORRECTION,
        element: `uniforms.kept * P[index] - uniforms.learningRate / correction(f32(Step[0]) * uniforms.log1) * M[index]
          / (sqrt(V[index]) / sqrt(correction(f32(Step[0]) * uniforms.log2)) + uniforms.epsilon)`,
      }),
    );
  }
  return [...ps, ...ms, ...vs, Step];
};
