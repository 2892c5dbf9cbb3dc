/** Programs of Strata's own, in tfjs's frame: it keeps the buffers, compiles each code once, and finds it again by its key. */
import type { WebGPUBackend, WebGPUProgram } from '@tensorflow/tfjs-backend-webgpu';
import type { TensorInfo } from '@tensorflow/tfjs-core';

type Uniforms = NonNullable<Parameters<WebGPUBackend['runWebGPUProgram']>[3]>;

export interface Shader {
  /** By which it is found again: all that changes the code stands in it. */
  readonly key: string;
  /** Buffers by the names that they have in the code: `X[i]` is element i, row by row. */
  readonly inputs: Readonly<Record<string, TensorInfo>>;
  readonly shape: readonly number[];
  readonly dtype: 'float32' | 'int32';
  /** What changes from call to call, floats: `uniforms.rate`. */
  readonly numbers?: Readonly<Record<string, number>>;
  /** The same of whole numbers, `i32`. */
  readonly ints?: Readonly<Record<string, number>>;
  readonly declarations?: string;
  /** What stands before `element`. */
  readonly before?: string;
  /** What element `index` of the result is. */
  readonly element: string;
}

const WORKGROUP = 64;

/** One invocation for each element of the result. */
export function runShader(backend: WebGPUBackend, shader: Shader): TensorInfo {
  const {
    key,
    inputs,
    shape,
    dtype,
    numbers = {},
    ints = {},
    declarations = '',
    before = '',
    element,
  } = shader;
  const size = sizeOf(shape);
  const set = dtype === 'int32' ? 'setOutputAtIndexI32' : 'setOutputAtIndex';
  const program: WebGPUProgram = {
    ...flat(`strata-${key}`, size, size),
    variableNames: Object.keys(inputs),
    uniforms: [
      ...Object.keys(numbers).map((name) => `${name} : f32,`),
      ...Object.keys(ints).map((name) => `${name} : i32,`),
    ].join(' '),
    getUserCode: () => `
      ${declarations}
      fn main(index : i32) {
        if (index < uniforms.size) {
          ${before}
          ${set}(index, ${element});
        }
      }
    `,
  };
  const uniforms = [
    ...Object.values(numbers).map((value) => ({ type: 'float32', data: [value] })),
    ...Object.values(ints).map((value) => ({ type: 'int32', data: [value] })),
  ];
  const made = backend.runWebGPUProgram(
    program,
    Object.values(inputs),
    dtype,
    uniforms as unknown as Uniforms,
  );
  return { ...made, shape: [...shape] };
}

/** A program of so many invocations over a flat result. */
export function flat(
  shaderKey: string,
  size: number,
  invocations: number,
): Omit<WebGPUProgram, 'variableNames' | 'getUserCode'> {
  return {
    shaderKey,
    outputShape: [size],
    dispatchLayout: { x: [0] },
    dispatch: [Math.ceil(invocations / WORKGROUP), 1, 1],
    workgroupSize: [WORKGROUP, 1, 1],
    size: true,
  };
}

export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, axis) => product * axis, 1);
}

/** `notFinite(x)`, by its bits: shaders may take for granted that all numbers are finite. */
export const NOT_FINITE = `
  fn notFinite(x : f32) -> bool {
    return (bitcast<u32>(x) & 0x7f800000u) == 0x7f800000u;
  }
`;
