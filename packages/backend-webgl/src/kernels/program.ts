/** Programs of Strata's own, in tfjs's frame: it keeps the textures, compiles each code once, and finds it again by its text and shapes. */
import type { MathBackendWebGL } from '@tensorflow/tfjs-backend-webgl';
import type { TensorInfo } from '@tensorflow/tfjs-core';

type Program = Parameters<MathBackendWebGL['runWebGLProgram']>[0];
type UniformType = NonNullable<Program['customUniforms']>[number]['type'];

export interface Shader {
  /** Of its textures: `getName(row, …)` reads one, `getNameAtOutCoords()` at the element that is computed. */
  readonly inputs: readonly string[];
  readonly shape: readonly number[];
  readonly dtype: 'float32' | 'int32';
  /** Where a texel holds two rows of two elements, as products want it, instead of one element. Default: nowhere. */
  readonly packed?: 'everywhere' | 'result';
  /** What changes from call to call: it must not stand in the code, which would be compiled anew. */
  readonly uniforms?: Readonly<Record<string, UniformType>>;
  /** Of GLSL ES 3; `main()` calls `setOutput()`. */
  readonly code: string;
}

/** @param values one for each of the uniforms, in their order. */
export function runShader(
  backend: MathBackendWebGL,
  { inputs, shape, dtype, packed, uniforms = {}, code }: Shader,
  tensors: readonly TensorInfo[],
  values: readonly (readonly number[])[] = [],
): TensorInfo {
  const program: Program = {
    variableNames: [...inputs],
    outputShape: [...shape],
    packedInputs: packed === 'everywhere',
    packedOutput: packed !== undefined,
    customUniforms: Object.entries(uniforms).map(([name, type]) => ({ name, type })),
    userCode: code,
  };
  return backend.runWebGLProgram(
    program,
    [...tensors],
    dtype,
    values.map((value) => [...value]),
  );
}

/** `notFinite(x)`, by its bits: what isnan() and isinf() find is left open. */
export const NOT_FINITE = `
  bool notFinite(float x) {
    return (floatBitsToUint(x) & 0x7f800000u) == 0x7f800000u;
  }
`;

/** Which of a texel's four elements belong to a tensor of this shape, as a bvec4. Those beyond its edges must stay 0: products add them. */
export function insideOf(shape: readonly number[]): string {
  const [rows, columns] = [shape.at(-2), shape.at(-1)];
  const parts = 'xyzwuv';
  const at = (axis: number): string => (shape.length < 2 ? 'rc' : `rc.${parts[axis]}`);
  const right = shape.length < 1 ? 'false' : `${at(shape.length - 1)} + 1 < ${columns}`;
  const below = shape.length < 2 ? 'false' : `${at(shape.length - 2)} + 1 < ${rows}`;
  const type = ['int', 'int', 'ivec2', 'ivec3', 'ivec4', 'ivec5', 'ivec6'][shape.length];
  return `
    bvec4 inside() {
      ${type} rc = getOutputCoords();
      bool right = ${right};
      bool below = ${below};
      return bvec4(true, right, below, right && below);
    }
  `;
}

export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, axis) => product * axis, 1);
}
