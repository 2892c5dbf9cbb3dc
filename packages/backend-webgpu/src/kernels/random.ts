/** Random numbers drawn on the GPU, with the bits of every other engine. */
import type { WebGPUBackend, WebGPUProgram } from '@tensorflow/tfjs-backend-webgpu';
import type { KernelFunc, TensorInfo } from '@tensorflow/tfjs-core';
import { DRAW_UNIFORMS, type Draw, drawUniforms, PHILOX } from '../shaders/philox.js';
import { flat, sizeOf } from '../shaders/program.js';
import { ROUNDED } from '../shaders/rounded.js';

type Uniforms = readonly { readonly type: string; readonly data: readonly number[] }[];

interface Range {
  readonly shape: readonly number[];
  readonly min: number;
  readonly max: number;
  readonly draw: Draw;
}

export interface Drawn {
  readonly name: string;
  readonly uniforms: string;
  readonly inputs: readonly string[];
  readonly dtype: 'float32' | 'int32';
  readonly declarations?: string;
  /** What element `index` becomes: word `i` of the block's `words`, `word`, is its own. */
  readonly element: string;
}

const f32 = Math.fround;

const UNIFORM: Drawn = {
  name: 'strata-uniform',
  uniforms: 'low : f32, width : f32, nought : u32,',
  inputs: [],
  dtype: 'float32',
  declarations: ROUNDED,
  element: 'plus(uniforms.low, times(f32(word >> 8u) * 5.9604644775390625e-8, uniforms.width))',
};

const INTEGERS: Drawn = {
  name: 'strata-integers',
  uniforms: 'low : i32, width : u32,',
  inputs: [],
  dtype: 'int32',
  element: 'bitcast<i32>(bitcast<u32>(uniforms.low) + highProduct(word, uniforms.width))',
};

const DROPOUT: Drawn = {
  name: 'strata-dropout',
  uniforms: 'threshold : u32, scale : f32,',
  inputs: ['A'],
  dtype: 'float32',
  element: 'A[index] * select(0.0, uniforms.scale, (word >> 8u) >= uniforms.threshold)',
};

export const randomUniform: KernelFunc = ({ attrs, backend }) => {
  const { shape, min, max, draw } = attrs as unknown as Range;
  const low = f32(min);
  return runDrawn(
    backend as WebGPUBackend,
    UNIFORM,
    shape,
    [],
    [
      ...drawUniforms(draw),
      { type: 'float32', data: [low] },
      { type: 'float32', data: [f32(f32(max) - low)] },
      { type: 'uint32', data: [0] },
    ],
  );
};

export const randomInt: KernelFunc = ({ attrs, backend }) => {
  const { shape, min, max, draw } = attrs as unknown as Range;
  return runDrawn(
    backend as WebGPUBackend,
    INTEGERS,
    shape,
    [],
    [...drawUniforms(draw), { type: 'int32', data: [min] }, { type: 'uint32', data: [max - min] }],
  );
};

export const dropout: KernelFunc = ({ inputs, attrs, backend }) => {
  const { rate, draw } = attrs as unknown as { rate: number; draw: Draw };
  const { x } = inputs as { x: TensorInfo };
  const line = { ...x, shape: [sizeOf(x.shape)] };
  return runDrawn(
    backend as WebGPUBackend,
    DROPOUT,
    x.shape,
    [line],
    [
      ...drawUniforms(draw),
      { type: 'uint32', data: [Math.ceil(rate * 2 ** 24)] },
      { type: 'float32', data: [1 / (1 - rate)] },
    ],
  );
};

export function runDrawn(
  backend: WebGPUBackend,
  shader: Drawn,
  shape: readonly number[],
  inputs: TensorInfo[],
  uniforms: Uniforms,
): TensorInfo {
  const made = backend.runWebGPUProgram(
    drawing(shader, sizeOf(shape)),
    inputs,
    shader.dtype,
    uniforms as never,
  );
  return { ...made, shape: [...shape] };
}

/** Each invocation draws a block of four words and writes four elements. */
function drawing(
  { name, uniforms, inputs, dtype, declarations = '', element }: Drawn,
  size: number,
): WebGPUProgram {
  const set = dtype === 'int32' ? 'setOutputAtIndexI32' : 'setOutputAtIndex';
  return {
    ...flat(name, size, Math.ceil(size / 4)),
    variableNames: [...inputs],
    uniforms: `${DRAW_UNIFORMS} ${uniforms}`,
    getUserCode: () => `
      ${PHILOX}
      ${declarations}
      fn main(block : i32) {
        if (4 * block >= uniforms.size) {
          return;
        }
        let words = philox(u32(block));
        for (var i = 0; i < 4; i = i + 1) {
          let index = 4 * block + i;
          if (index < uniforms.size) {
            let word = words[i];
            ${set}(index, ${element});
          }
        }
      }
    `,
  };
}
