/** What the updates of all optimizers have in common: one program for each State that changes, and a gate that keeps it as it was. */
import { type Scalar, scalarValue } from '@stratajs/core';
import type { MathBackendWebGL } from '@tensorflow/tfjs-backend-webgl';
import type { TensorInfo } from '@tensorflow/tfjs-core';
import { insideOf, runShader } from './program.js';

type Tensors = Readonly<Record<string, TensorInfo>>;

export interface Change {
  /** Tensors of the State's shape by what `next` calls them, four elements each; the State first. */
  readonly inputs: Tensors;
  /** Tensors of one element, floats in `next`. */
  readonly scalars?: Tensors;
  /** Numbers, floats in `next`. */
  readonly numbers?: Readonly<Record<string, number>>;
  /** What stands before main(). */
  readonly declarations?: string;
  /** The State's new elements, in GLSL. */
  readonly next: string;
}

/** Runs one change. Where the gate is shut (it holds anything but −1), the State stays as it was. */
export function change(
  backend: MathBackendWebGL,
  { inputs, scalars = {}, numbers = {}, declarations = '', next }: Change,
  gate: TensorInfo | undefined,
): TensorInfo {
  const single: Tensors = gate === undefined ? scalars : { ...scalars, gate };
  const [[before, { shape, dtype }]] = Object.entries(inputs) as [[string, TensorInfo]];
  const names = [...Object.keys(inputs), ...Object.keys(single)];
  return runShader(
    backend,
    {
      inputs: names.map(textureOf),
      shape,
      dtype: dtype as 'float32' | 'int32',
      packed: 'everywhere',
      uniforms: Object.fromEntries(Object.keys(numbers).map((name) => [name, 'float'])),
      code: `
        ${insideOf(shape)}
        ${declarations}
        void main() {
          ${Object.keys(inputs)
            .map((name) => `vec4 ${name} = get${textureOf(name)}AtOutCoords();`)
            .join('\n')}
          ${Object.keys(single)
            .map((name) => `float ${name} = get${textureOf(name)}().x;`)
            .join('\n')}
          vec4 next = ${next};
          ${gate === undefined ? '' : `if (gate != -1.0) next = ${before};`}
          setOutput(mix(vec4(0.0), next, inside()));
        }
      `,
    },
    [...Object.values(inputs), ...Object.values(single)],
    Object.values(numbers).map((value) => [value]),
  );
}

/** tfjs names the functions that read a texture after it, with a capital. */
function textureOf(name: string): string {
  return `${name[0]!.toUpperCase()}${name.slice(1)}`;
}

/** An attribute that may be a Scalar: its value is asked for at each run. */
export function numberOf(attrs: object | undefined, name: string): number {
  return scalarValue((attrs as Record<string, number | Scalar>)[name]!);
}
