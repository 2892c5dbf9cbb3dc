import type { MathBackendWebGL } from '@tensorflow/tfjs-backend-webgl';
import type { TensorInfo } from '@tensorflow/tfjs-core';
import { runFragment } from './fragment.js';
import { LINES, layOut, type Operands } from './lines.js';

/**
 * Numbers of every row, [rows], by name: one fragment goes along a row, as often as there are passes.
 *
 * @param passes GLSL that adds to floats, of a `vec2` for each operand: two neighbours of the row. `both` tells whether the second is there;
 *   what is not there is 0.
 */
export function rowStatistics<K extends string>(
  gpu: MathBackendWebGL,
  operands: Operands,
  {
    declarations,
    passes,
    between = [],
    results,
  }: {
    /** Floats, before the first pass. */
    readonly declarations: string;
    readonly passes: readonly string[];
    /** What is computed after each pass. */
    readonly between?: readonly string[];
    readonly results: Readonly<Record<K, string>>;
  },
): Record<K, TensorInfo> {
  const { perColumn = {}, perRow = {}, wide } = operands;
  const laid = layOut(gpu, operands);
  const names = Object.keys(results) as K[];
  const shape = [laid.rows];
  const loop = (body: string): string => `
    for (int pair = 0; pair < pairs(); pair++) {
      bool both = 2 * pair + 1 < axes.y;
      ${Object.keys(wide)
        .map(
          (name) => `
            vec4 ${name}Texel = texelAt(${name}Texture, line * pairs() + pair);
            vec2 ${name} = lower ? ${name}Texel.zw : ${name}Texel.xy;
          `,
        )
        .join('')}
      ${Object.keys(perColumn)
        .map((name) => `vec2 ${name} = texelAt(${name}Texture, pair).xy;`)
        .join('\n')}
      ${body}
    }
  `;
  const made = runFragment(gpu, {
    ...laid.reading,
    results: Object.fromEntries(
      names.map((name) => [`${name}Result`, { shape, dtype: 'float32' }]),
    ),
    packed: false,
    code: `
      ${LINES}
      void main() {
        int row = texel();
        int line = row / axes.x * linesOfMatrix() + row % axes.x / 2;
        bool lower = row % axes.x % 2 == 1;
        ${Object.keys(perRow)
          .map((name) => `float ${name} = texelAt(${name}Texture, row).x;`)
          .join('\n')}
        ${declarations}
        ${passes.map((pass, i) => `${loop(pass)}\n${between[i] ?? ''}`).join('\n')}
        ${names.map((name) => `${name}Result = vec4(${results[name]});`).join('\n')}
      }
    `,
  });
  laid.free();
  return Object.fromEntries(names.map((name, i) => [name, made[i]!])) as Record<K, TensorInfo>;
}
