import type { MathBackendWebGL } from '@tensorflow/tfjs-backend-webgl';
import type { TensorInfo } from '@tensorflow/tfjs-core';
import { type Named, runFragment } from './fragment.js';
import { LINES, layOut, type Operands } from './lines.js';

/** One tensor of the shape of `wide`, from it and from what belongs to its rows and columns. */
export function overLines(
  gpu: MathBackendWebGL,
  operands: Operands,
  expression: string,
): TensorInfo {
  const laid = layOut(gpu, operands);
  const [{ shape }] = Object.values(operands.wide as Named<TensorInfo>) as [TensorInfo];
  const [result] = runFragment(gpu, {
    ...laid.reading,
    results: { result: { shape, dtype: 'float32' } },
    packed: true,
    code: `
      ${LINES}
      void main() {
        int line = texel() / pairs();
        int pair = texel() % pairs();
        ${laid.readWide}
        ${laid.readColumns}
        ${laid.readRows}
        result = mix(vec4(0.0), ${expression}, inside());
      }
    `,
  });
  laid.free();
  return result!;
}
