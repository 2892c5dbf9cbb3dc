/** Programs that compute texel by texel: all that they read and write has one shape. */
import type { MathBackendWebGL } from '@tensorflow/tfjs-backend-webgl';
import type { TensorInfo } from '@tensorflow/tfjs-core';
import { type Named, runFragment } from './fragment.js';
import { free, laidOut } from './layout.js';

export interface Texels {
  /** Tensors of one shape; a `vec4` of that name holds four elements. */
  readonly inputs: Named<TensorInfo>;
  /** Tensors of one element, floats in the code. */
  readonly scalars?: Named<TensorInfo>;
  /** Floats in the code. */
  readonly numbers?: Named<number>;
  /** What stands before main(), in GLSL ES 3. */
  readonly declarations?: string;
  /** Changes inputs that are `results`. */
  readonly code: string;
  /** Names of inputs whose last values become tensors. */
  readonly results: readonly string[];
}

export function runTexels(
  gpu: MathBackendWebGL,
  { inputs, scalars = {}, numbers = {}, declarations = '', code, results }: Texels,
): TensorInfo[] {
  const given = { ...inputs, ...scalars };
  const read = Object.entries(given).map(
    ([name, x]) => [`${name}Texture`, laidOut(gpu, x, 4)] as const,
  );
  const written = runFragment(gpu, {
    textures: Object.fromEntries(read),
    floats: numbers,
    results: Object.fromEntries(results.map((name) => [`${name}Result`, inputs[name]!])),
    packed: true,
    code: `
      ${declarations}
      void main() {
        ${lines(inputs, (name) => `vec4 ${name} = texelHere(${name}Texture);`)}
        ${lines(scalars, (name) => `float ${name} = texelFetch(${name}Texture, ivec2(0), 0).x;`)}
        ${code}
        bvec4 kept = inside();
        ${results.map((name) => `${name}Result = mix(vec4(0.0), ${name}, kept);`).join('\n')}
      }
    `,
  });
  free(
    gpu,
    read.map(([, x]) => x),
    Object.values(given),
  );
  return written;
}

function lines(of: Named<unknown>, line: (name: string) => string): string {
  return Object.keys(of).map(line).join('\n');
}
