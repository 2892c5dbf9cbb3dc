/** Two sums at once over scattered elements of tensors, many such pairs side by side: in parts of √terms terms, which another program adds. */
import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import type { TensorInfo } from '@tensorflow/tfjs-core';
import { runShader, type Shader } from './program.js';

export interface Sums extends Pick<Shader, 'inputs'> {
  readonly key: string;
  /** How many pairs of sums. */
  readonly count: number;
  /** Terms of each. */
  readonly terms: number;
  /** Whether neighbouring sums, rather than neighbouring terms, read neighbouring elements. */
  readonly sideBySide: boolean;
  readonly ints: Readonly<Record<string, number>>;
  /** Declares what the values need of sum `s` and its term `t`. */
  readonly term: string;
  readonly values: readonly [first: string, second: string];
}

/** Sums that few terms have are not split. */
const FEW = 256;

/** [count, 2]. */
export function pairSums(
  gpu: WebGPUBackend,
  { key, inputs, count, terms, sideBySide, ints, term, values }: Sums,
): TensorInfo {
  const parts = terms > FEW ? Math.ceil(Math.sqrt(terms)) : 1;
  const ofPart = runShader(gpu, {
    key: `${key}-${sideBySide}`,
    inputs,
    shape: sideBySide ? [parts, count, 2] : [count, parts, 2],
    dtype: 'float32',
    ints: { ...ints, sums: count, terms, parts },
    before: `
      ${sideBySide ? 'let s = index / 2 % uniforms.sums;' : 'let s = index / 2 / uniforms.parts;'}
      ${sideBySide ? 'let part = index / 2 / uniforms.sums;' : 'let part = index / 2 % uniforms.parts;'}
      var sum = 0.0;
      for (var t = part; t < uniforms.terms; t = t + uniforms.parts) {
        ${term}
        if (index % 2 == 0) { sum = sum + ${values[0]}; } else { sum = sum + ${values[1]}; }
      }
    `,
    element: 'sum',
  });
  if (parts === 1) return { ...ofPart, shape: [count, 2] };
  const whole = runShader(gpu, {
    key: `parts-${sideBySide}`,
    inputs: { Parts: ofPart },
    shape: [count, 2],
    dtype: 'float32',
    ints: { sums: count, parts },
    before: `
      var sum = 0.0;
      for (var part = 0; part < uniforms.parts; part = part + 1) {
        sum = sum + Parts[${sideBySide ? 'part * uniforms.sums * 2 + index' : '(index / 2 * uniforms.parts + part) * 2 + index % 2'}];
      }
    `,
    element: 'sum',
  });
  gpu.disposeData(ofPart.dataId);
  return whole;
}
