import type { MathBackendWebGL } from '@tensorflow/tfjs-backend-webgl';
import { type FillAttrs, type KernelFunc, util } from '@tensorflow/tfjs-core';
import { runFragment } from '../shaders/fragment.js';

/** Four elements in a texel, as products and updates want them; strings go to tfjs's kernel. */
export function fill(original: KernelFunc): KernelFunc {
  return (call) => {
    const { shape, value, dtype } = call.attrs as unknown as FillAttrs;
    if (typeof value === 'string') return original(call);
    return runFragment(call.backend as MathBackendWebGL, {
      floats: { value },
      results: { filled: { shape, dtype: dtype ?? util.inferDtype(value) } },
      packed: true,
      code: 'void main() { filled = mix(vec4(0.0), vec4(value), inside()); }',
    })[0]!;
  };
}
