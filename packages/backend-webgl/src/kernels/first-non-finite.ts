import type { MathBackendWebGL } from '@tensorflow/tfjs-backend-webgl';
import type { KernelFunc, TensorInfo } from '@tensorflow/tfjs-core';
import { flatRead, NOT_FINITE, runShader, type Shader, sizeOf } from '../shaders/program.js';

/** WebGL promises sixteen textures to a program; one is the answer so far. */
const TENSORS_AT_ONCE = 15;

/** `StrataFirstNonFinite`: of each tensor as many sums as each of them has terms, then all of them by one program. */
export const firstNonFinite: KernelFunc = ({ inputs, attrs, backend }) => {
  const gpu = backend as MathBackendWebGL;
  const { count } = attrs as unknown as { count: number };
  const all = Array.from({ length: count }, (_, k) => ({ k, x: inputs[`x${k}`]! }));
  const filled = all.filter(({ x }) => sizeOf(x.shape) > 0);
  let first = runShader(gpu, answer([]), []);
  for (let start = 0; start < filled.length; start += TENSORS_AT_ONCE) {
    const some = filled.slice(start, start + TENSORS_AT_ONCE);
    const sums = some.map(({ x }) => sumsOf(gpu, x));
    const tests = some.map(
      ({ k }, i) =>
        `for (int j = ${sums[i]!.shape[0]! - 1}; j >= 0; j--) if (getX${i}(j) > 0.0) found = min(found, ${k}.0);`,
    );
    const next = runShader(gpu, answer(tests), [...sums, first]);
    for (const t of [first, ...sums]) gpu.disposeData(t.dataId);
    first = next;
  }
  return first;
};

/** How many elements are not finite, in √size parts. */
function sumsOf(gpu: MathBackendWebGL, x: TensorInfo): TensorInfo {
  const size = sizeOf(x.shape);
  const terms = Math.ceil(Math.sqrt(size));
  return runShader(
    gpu,
    {
      inputs: ['X'],
      shape: [Math.ceil(size / terms)],
      dtype: 'float32',
      code: `
        ${NOT_FINITE}
        ${flatRead('X', x.shape)}
        void main() {
          int start = getOutputCoords() * ${terms};
          int end = min(start + ${terms}, ${size});
          float sum = 0.0;
          for (int i = start; i < end; i++) if (notFinite(flatX(i))) sum += 1.0;
          setOutput(sum);
        }
      `,
    },
    [x],
  );
}

/** A program for the least number that one of the tests, or the answer before, finds; −1 when none finds any. */
function answer(tests: readonly string[]): Shader {
  const before = 'float before = getBefore(); if (before >= 0.0) found = min(found, before);';
  return {
    inputs: tests.length === 0 ? [] : [...tests.map((_, i) => `X${i}`), 'Before'],
    shape: [],
    dtype: 'int32',
    // The updates that it is the gate of read it so.
    packed: 'result',
    code: `
      void main() {
        float found = 1e9;
        ${tests.join('\n')}
        ${tests.length === 0 ? '' : before}
        setOutput(vec4(found == 1e9 ? -1.0 : found, 0.0, 0.0, 0.0));
      }
    `,
  };
}
