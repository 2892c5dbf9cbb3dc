import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import type { KernelFunc, TensorInfo } from '@tensorflow/tfjs-core';
import { NOT_FINITE, runShader, sizeOf } from '../shaders/program.js';

/** WebGPU promises eight buffers to a program: the answer, the answer before, and these. */
const TENSORS_AT_ONCE = 6;

/** `StrataFirstNonFinite`: of each tensor as many counts as each of them has terms, then all of them by one program. */
export const firstNonFinite: KernelFunc = ({ inputs, attrs, backend }) => {
  const gpu = backend as WebGPUBackend;
  const { count } = attrs as unknown as { count: number };
  const all = Array.from({ length: count }, (_, k) => ({ k, x: inputs[`x${k}`]! }));
  const filled = all.filter(({ x }) => sizeOf(x.shape) > 0);
  const answer = { shape: [], dtype: 'int32' } as const;
  let first = runShader(gpu, { ...answer, key: 'all-finite', inputs: {}, element: '-1' });
  for (let start = 0; start < filled.length; start += TENSORS_AT_ONCE) {
    const some = filled.slice(start, start + TENSORS_AT_ONCE);
    const counts = some.map(({ x }) => countsOf(gpu, x));
    // Backwards, so that what stands further ahead has the last word.
    const tests = some.map(({ k }, i) => {
      const of = `X${i}`;
      return `for (var j = 0; j < ${counts[i]!.shape[0]}; j = j + 1) { if (${of}[j] > 0) { found = ${k}; } }`;
    });
    const buffers = Object.fromEntries(counts.map((t, i) => [`X${i}`, t]));
    const next = runShader(gpu, {
      ...answer,
      key: `first-non-finite-${some.map(({ k }, i) => `${k}of${counts[i]!.shape[0]}`).join('-')}`,
      inputs: { Before: first, ...buffers },
      before: `
        var found = -1;
        ${tests.toReversed().join('\n')}
        if (Before[0] >= 0) { found = Before[0]; }
      `,
      element: 'found',
    });
    for (const t of [first, ...counts]) gpu.disposeData(t.dataId);
    first = next;
  }
  return first;
};

/** How many elements are not finite, in √size parts. */
function countsOf(gpu: WebGPUBackend, x: TensorInfo): TensorInfo {
  const size = sizeOf(x.shape);
  const terms = Math.ceil(Math.sqrt(size));
  return runShader(gpu, {
    key: `non-finite-${size}`,
    inputs: { X: x },
    shape: [Math.ceil(size / terms)],
    dtype: 'int32',
    declarations: NOT_FINITE,
    before: `
      var sum = 0;
      for (var i = index * ${terms}; i < min((index + 1) * ${terms}, ${size}); i = i + 1) {
        if (notFinite(X[i])) { sum = sum + 1; }
      }
    `,
    element: 'sum',
  });
}
