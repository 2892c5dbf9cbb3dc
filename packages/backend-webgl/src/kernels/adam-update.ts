import type { MathBackendWebGL } from '@tensorflow/tfjs-backend-webgl';
import type { KernelFunc, TensorInfo } from '@tensorflow/tfjs-core';
import { change, numberOf } from './update.js';

/** 1 − beta^step = −expm1(exponent): near 0 the difference itself would lose its digits. */
const CORRECTION = `
  float correction(float exponent) {
    if (exponent < -0.5) return 1.0 - exp(exponent);
    float sum = 1.0;
    for (float i = 10.0; i > 1.0; i -= 1.0) sum = 1.0 + sum * exponent / i;
    return -exponent * sum;
  }
`;

/** `StrataAdamUpdate`: three programs for each parameter, and one for the step. */
export const adamUpdate: KernelFunc = ({ inputs, attrs, backend }) => {
  const gpu = backend as MathBackendWebGL;
  const of = (name: string): TensorInfo => inputs[name]!;
  const { count, decoupled } = attrs as unknown as { count: number; decoupled: boolean };
  const [beta1, beta2] = [numberOf(attrs, 'beta1'), numberOf(attrs, 'beta2')];
  const [learningRate, decay] = [numberOf(attrs, 'learningRate'), numberOf(attrs, 'weightDecay')];
  const gate = inputs['gate'];
  /** Decay that acts on the gradient. */
  const l2 = decoupled ? 0 : decay;
  const step = change(gpu, { inputs: { before: of('step') }, next: 'before + 1.0' }, gate);
  const numbers = {
    learningRate,
    kept: decoupled ? 1 - learningRate * decay : 1,
    epsilon: numberOf(attrs, 'epsilon'),
    // Of beta 0 nothing is left after one step; exp() of −∞ is not defined everywhere.
    log1: Math.max(Math.log(beta1), -100),
    log2: Math.max(Math.log(beta2), -100),
  };
  const ps: TensorInfo[] = [];
  const ms: TensorInfo[] = [];
  const vs: TensorInfo[] = [];
  for (let i = 0; i < count; i++) {
    const [p, g] = [of(`p${i}`), of(`g${i}`)];
    const m = change(
      gpu,
      {
        inputs: { m: of(`m${i}`), g, p },
        numbers: { l2, share: 1 - beta1 },
        next: 'm + share * (g + l2 * p - m)',
      },
      gate,
    );
    const v = change(
      gpu,
      {
        inputs: { v: of(`v${i}`), g, p },
        numbers: { l2, beta2, share: 1 - beta2 },
        next: 'beta2 * v + share * (g + l2 * p) * (g + l2 * p)',
      },
      gate,
    );
    ms.push(m);
    vs.push(v);
    ps.push(
      change(
        gpu,
        {
          inputs: { p, m, v },
          scalars: { step },
          numbers,
          declarations: CORRECTION,
          next: `kept * p - learningRate / correction(step * log1) * m
            / (sqrt(v) / sqrt(correction(step * log2)) + epsilon)`,
        },
        gate,
      ),
    );
  }
  return [...ps, ...ms, ...vs, step];
};
