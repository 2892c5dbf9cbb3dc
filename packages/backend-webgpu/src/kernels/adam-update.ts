import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import type { KernelFunc, TensorInfo } from '@tensorflow/tfjs-core';
import { runElementwise } from '../shaders/elementwise.js';
import { runShader } from '../shaders/program.js';
import { numberOf, update } from './update.js';

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

/** `StrataAdamUpdate`: one program for each parameter, one for the step, and one for what they have in common. */
export const adamUpdate: KernelFunc = ({ inputs, attrs, backend }) => {
  const gpu = backend as WebGPUBackend;
  const of = (name: string): TensorInfo => inputs[name]!;
  const { count, decoupled } = attrs as unknown as { count: number; decoupled: boolean };
  const [beta1, beta2] = [numberOf(attrs, 'beta1'), numberOf(attrs, 'beta2')];
  const [learningRate, decay] = [numberOf(attrs, 'learningRate'), numberOf(attrs, 'weightDecay')];
  const gate = inputs['gate'];
  const [step] = update(
    gpu,
    { key: 'adam-step', inputs: { step: of('step') }, results: ['step'], code: 'step = step + 1;' },
    gate,
  );
  // Together in one buffer: a program that reads four and writes three has room for no more than one among the eight that WebGPU promises.
  const Common = runShader(gpu, {
    key: `adam-common-${gate !== undefined}`,
    inputs: gate === undefined ? { Step: step! } : { Step: step!, Gate: gate },
    shape: [3],
    dtype: 'float32',
    numbers: {
      // Of beta 0 nothing is left after one step, and a uniform may not be infinite.
      log1: Math.max(Math.log(beta1), -100),
      log2: Math.max(Math.log(beta2), -100),
    },
    declarations: CORRECTION,
    before: `
      var part = f32(${gate === undefined ? '1' : 'Gate[0] == -1'});
      if (index == 1) { part = correction(f32(Step[0]) * uniforms.log1); }
      if (index == 2) { part = correction(f32(Step[0]) * uniforms.log2); }
    `,
    element: 'part',
  });
  const numbers = {
    learningRate,
    kept: decoupled ? 1 - learningRate * decay : 1,
    /** Decay that acts on the gradient. */
    l2: decoupled ? 0 : decay,
    epsilon: numberOf(attrs, 'epsilon'),
    beta2,
    share1: 1 - beta1,
    share2: 1 - beta2,
  };
  const changed = Array.from({ length: count }, (_, i) =>
    runElementwise(gpu, {
      key: 'adam',
      inputs: { p: of(`p${i}`), g: of(`g${i}`), m: of(`m${i}`), v: of(`v${i}`) },
      tables: { Common },
      numbers,
      code: `
        if (Common[0] == 1.0) {
          let slope = g + uniforms.l2 * p;
          m = m + uniforms.share1 * (slope - m);
          v = uniforms.beta2 * v + uniforms.share2 * slope * slope;
          p = uniforms.kept * p - uniforms.learningRate / Common[1] * m
            / (sqrt(v) / sqrt(Common[2]) + uniforms.epsilon);
        }
      `,
      results: ['p', 'm', 'v'],
    }),
  );
  gpu.disposeData(Common.dataId);
  return [...[0, 1, 2].flatMap((kind) => changed.map((of) => of[kind]!)), step!];
};
