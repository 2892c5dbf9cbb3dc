/** Programs of Strata's own, in tfjs's frame: it keeps the textures, compiles each code once, and finds it again by its text and shapes. */
import type { MathBackendWebGL } from '@tensorflow/tfjs-backend-webgl';
import type { TensorInfo } from '@tensorflow/tfjs-core';

type Program = Parameters<MathBackendWebGL['runWebGLProgram']>[0];
type UniformType = NonNullable<Program['customUniforms']>[number]['type'];

export type Backend = MathBackendWebGL & {
  /**
   * Height and width, in texels, of the texture in which a program that wants four elements in a texel reads the tensor. What is not on the
   * GPU is uploaded.
   */
  texelsOf(x: TensorInfo): readonly [height: number, width: number];
};

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
    enableShapeUniforms: sharesProgram(shape),
  };
  return backend.runWebGLProgram(
    program,
    [...tensors],
    dtype,
    values.map((value) => [...value]),
  );
}

/** `flatX(i)` reads element i, row by row, of the texture `X` of this shape: what is packed cannot be seen as of another shape. */
export function flatRead(texture: string, shape: readonly number[]): string {
  const coordinates = shape.map((size, axis) => {
    const stride = sizeOf(shape.slice(axis + 1));
    const whole = stride === 1 ? 'i' : `i / ${stride}`;
    return axis === 0 ? whole : `(${whole}) % ${size}`;
  });
  return `float flat${texture}(int i) { return get${texture}(${coordinates.join(', ')}); }`;
}

/** `notFinite(x)`, by its bits: what isnan() and isinf() find is left open. */
export const NOT_FINITE = `
  bool notFinite(float x) {
    return (floatBitsToUint(x) & 0x7f800000u) == 0x7f800000u;
  }
`;

/**
 * Which of a texel's four elements belong to the result, as a bvec4: `inside()`. Those beyond its edges must stay 0, because products
 * add them. The shape comes as tfjs's uniform `outShape` where there is one, so that all shapes of as many axes share a program.
 */
export function insideOf(shape: readonly number[]): string {
  const axes = shape.length;
  const type = ['int', 'int', 'ivec2', 'ivec3', 'ivec4', 'ivec5', 'ivec6'][axes];
  const within = (axis: number): string => {
    if (axis < 0) return 'false';
    const part = axes < 2 ? '' : `.${'xyzwuv'[axis]}`;
    return `rc${part} + 1 < ${sharesProgram(shape) ? `outShape${part}` : shape[axis]}`;
  };
  return `
    bvec4 inside() {
      ${type} rc = getOutputCoords();
      bool right = ${within(axes - 1)};
      bool below = ${axes < 2 ? 'false' : within(axes - 2)};
      return bvec4(true, right, below, right && below);
    }
  `;
}

/** Whether tfjs can give shapes of so many axes as uniforms. */
function sharesProgram(shape: readonly number[]): boolean {
  return shape.length > 0 && shape.length <= 4;
}

export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, axis) => product * axis, 1);
}
