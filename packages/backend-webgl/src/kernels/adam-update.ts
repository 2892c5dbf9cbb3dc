import type { MathBackendWebGL } from '@tensorflow/tfjs-backend-webgl';
import type { KernelFunc, TensorInfo } from '@tensorflow/tfjs-core';
import { numberOf, update } from './update.js';

/** 1 − beta^step = −expm1(exponent): near 0 the difference itself would lose its digits. */
const CORRECTION = `
  float correction(float exponent) {
    if (exponent < -0.5) return 1.0 - exp(exponent);
    float sum = 1.0;
    for (float i = 10.0; i > 1.0; i -= 1.0) sum = 1.0 + sum * exponent / i;
    return -exponent * sum;
  }
`;

/** `StrataAdamUpdate`: one program for each parameter, and one for the step. */
export const adamUpdate: KernelFunc = ({ inputs, attrs, backend }) => {
  const gpu = backend as MathBackendWebGL;
  const of = (name: string): TensorInfo => inputs[name]!;
  const { count, decoupled } = attrs as unknown as { count: number; decoupled: boolean };
  const [beta1, beta2] = [numberOf(attrs, 'beta1'), numberOf(attrs, 'beta2')];
  const [learningRate, decay] = [numberOf(attrs, 'learningRate'), numberOf(attrs, 'weightDecay')];
  const gate = inputs['gate'];
  const [step] = update(
    gpu,
    { inputs: { step: of('step') }, results: ['step'], code: 'step += 1.0;' },
    gate,
  );
  const numbers = {
    learningRate,
    kept: decoupled ? 1 - learningRate * decay : 1,
    /** Decay that acts on the gradient. */
    l2: decoupled ? 0 : decay,
    epsilon: numberOf(attrs, 'epsilon'),
    beta2,
    share1: 1 - beta1,
    share2: 1 - beta2,
    // Of beta 0 nothing is left after one step; exp() of −∞ is not defined everywhere.
    log1: Math.max(Math.log(beta1), -100),
    log2: Math.max(Math.log(beta2), -100),
  };
  const changed = Array.from({ length: count }, (_, i) =>
    update(
      gpu,
      {
        inputs: { p: of(`p${i}`), g: of(`g${i}`), m: of(`m${i}`), v: of(`v${i}`) },
        scalars: { step: step! },
        numbers,
        declarations: CORRECTION,
        code: `
          vec4 slope = g + l2 * p;
          m += share1 * (slope - m);
          v = beta2 * v + share2 * slope * slope;
          p = kept * p - learningRate / correction(step * log1) * m
            / (sqrt(v) / sqrt(correction(step * log2)) + epsilon);
        `,
        results: ['p', 'm', 'v'],
      },
      gate,
    ),
  );
  return [...[0, 1, 2].flatMap((kind) => changed.map((of) => of[kind]!)), step!];
};
