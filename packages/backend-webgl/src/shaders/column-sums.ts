/** One or two sums down every column of a tensor seen as rows of channels: in √lines parts side by side, then over the parts. */
import type { MathBackendWebGL } from '@tensorflow/tfjs-backend-webgl';
import type { TensorInfo } from '@tensorflow/tfjs-core';
import { runFragment } from './fragment.js';
import { free } from './layout.js';
import { LINES, layOut, type Operands } from './lines.js';

/** Lines that one fragment adds up alone. */
const FEW = 64;
const NAMES = ['first', 'second'] as const;

/**
 * [parts, 1, columns] for each of the terms, which the caller frees.
 *
 * @param terms what is added up, a `vec4` of two rows and two columns, in GLSL.
 */
export function columnSums(
  gpu: MathBackendWebGL,
  operands: Operands,
  terms: readonly [string] | readonly [string, string],
): TensorInfo[] {
  const laid = layOut(gpu, operands);
  const { lines, columns, reading } = laid;
  const parts = lines <= FEW ? 1 : Math.ceil(Math.sqrt(lines));
  const sums = NAMES.slice(0, terms.length);
  const each = (line: (name: string, i: number) => string): string => sums.map(line).join('\n');
  const shape = [parts, 1, columns];
  const results = runFragment(gpu, {
    ...reading,
    ints: { ...reading.ints, parts: [parts, lines] },
    results: Object.fromEntries(sums.map((name) => [name, { shape, dtype: 'float32' }])),
    packed: true,
    code: `
      ${LINES}
      void main() {
        int pair = texel() % pairs();
        ${laid.readColumns}
        ${each((name) => `vec2 ${name}Sum = vec2(0.0);`)}
        for (int line = texel() / pairs(); line < parts.y; line += parts.x) {
          ${laid.readWide}
          ${laid.readRows}
          bool both = hasSecondRow(line);
          ${each((name, i) => `vec4 ${name}Term = ${terms[i]}; ${name}Sum += ${name}Term.xy + (both ? ${name}Term.zw : vec2(0.0));`)}
        }
        ${each((name) => `${name} = mix(vec4(0.0), vec4(${name}Sum, 0.0, 0.0), inside());`)}
      }
    `,
  });
  laid.free();
  return results;
}

/**
 * [columns] for each of the results, by name: expressions of the sums `first` and `second`, of what is there for each column,
 * and of numbers. The sums are freed.
 */
export function fromSums<K extends string>(
  gpu: MathBackendWebGL,
  sums: readonly TensorInfo[],
  results: Readonly<Record<K, string>>,
  { perColumn = {}, numbers = {} }: Pick<Operands, 'perColumn' | 'numbers'> = {},
): Record<K, TensorInfo> {
  const [parts, , columns] = sums[0]!.shape as [number, number, number];
  const named = NAMES.slice(0, sums.length);
  const laid = layOut(gpu, { wide: { first: sums[0]! }, perColumn });
  const shape = [columns];
  const names = Object.keys(results) as K[];
  const made = runFragment(gpu, {
    textures: {
      ...laid.reading.textures,
      ...Object.fromEntries(named.map((name, i) => [`${name}Texture`, sums[i]!])),
    },
    floats: numbers,
    ints: { ...laid.reading.ints, parts: [parts] },
    results: Object.fromEntries(
      names.map((name) => [`${name}Result`, { shape, dtype: 'float32' }]),
    ),
    packed: true,
    code: `
      ${LINES}
      void main() {
        int pair = texel();
        ${laid.readColumns}
        ${named.map((name) => `vec4 ${name} = vec4(0.0);`).join('\n')}
        for (int part = 0; part < parts; part++) {
          ${named.map((name) => `${name} += texelAt(${name}Texture, part * pairs() + pair);`).join('\n')}
        }
        ${names.map((name) => `${name}Result = mix(vec4(0.0), ${results[name]}, inside());`).join('\n')}
      }
    `,
  });
  laid.free();
  free(gpu, sums);
  return Object.fromEntries(names.map((name, i) => [name, made[i]!])) as Record<K, TensorInfo>;
}
