/**
 * Random numbers drawn on the GPU, with the bits of every other engine. GLSL may round a product and a sum together, and leaves open how
 * logarithms and sines are rounded: uniform numbers take a program for each step, and normal ones are drawn on the host.
 */
import { compositeOf } from '@stratajs/core';
import type { MathBackendWebGL } from '@tensorflow/tfjs-backend-webgl';
import type { KernelFunc, TensorInfo } from '@tensorflow/tfjs-core';
import { DRAW_UNIFORMS, type Draw, drawValues, PHILOX } from './philox.js';
import { flatRead, runShader, type Shader, sizeOf } from './program.js';

interface Range {
  readonly shape: readonly number[];
  readonly min: number;
  readonly max: number;
  readonly draw: Draw;
}

const f32 = Math.fround;
const onHost = compositeOf('StrataRandomInt');

export const randomUniform: KernelFunc = ({ attrs, backend }) => {
  const gpu = backend as MathBackendWebGL;
  const { shape, min, max, draw } = attrs as unknown as Range;
  const low = f32(min);
  const size = sizeOf(shape);
  const scaled = runShader(
    gpu,
    drawing(
      size,
      [],
      'float32',
      { width: 'float' },
      'float(word >> 8u) * 5.9604644775390625e-8 * width',
    ),
    [],
    [...drawValues(draw), [f32(f32(max) - low)]],
  );
  if (low === 0) return { ...scaled, shape: [...shape] };
  const moved = runShader(gpu, addition(size), [scaled], [[low]]);
  gpu.disposeData(scaled.dataId);
  return { ...moved, shape: [...shape] };
};

/** Integers of up to 24 bits; larger ones a texture cannot hold, and the host draws them. */
export const randomInt: KernelFunc = (call) => {
  const { attrs, backend } = call;
  const { shape, min, max, draw } = attrs as unknown as Range;
  if (min < -(2 ** 24) || max > 2 ** 24) return onHost(call) as TensorInfo;
  const element = 'float(low + int(highProduct(word, uint(width))))';
  const uniforms = { low: 'int', width: 'int' } as const;
  const made = runShader(
    backend as MathBackendWebGL,
    drawing(sizeOf(shape), [], 'int32', uniforms, element),
    [],
    [...drawValues(draw), [min], [(max - min) | 0]],
  );
  return { ...made, shape: [...shape] };
};

export const dropout: KernelFunc = ({ inputs, attrs, backend }) => {
  const { rate, draw } = attrs as unknown as { rate: number; draw: Draw };
  const { x } = inputs as { x: TensorInfo };
  const element = 'flatX(index) * (int(word >> 8u) >= threshold ? scale : 0.0)';
  const uniforms = { threshold: 'int', scale: 'float' } as const;
  const made = runShader(
    backend as MathBackendWebGL,
    drawing(sizeOf(x.shape), ['X'], 'float32', uniforms, element, flatRead('X', x.shape)),
    [x],
    [...drawValues(draw), [Math.ceil(rate * 2 ** 24)], [1 / (1 - rate)]],
  );
  return { ...made, shape: [...x.shape] };
};

/** @param element what element `index` becomes, from a random `word`. */
function drawing(
  size: number,
  inputs: readonly string[],
  dtype: Shader['dtype'],
  uniforms: NonNullable<Shader['uniforms']>,
  element: string,
  declarations: string = '',
): Shader {
  return {
    inputs,
    shape: [size],
    dtype,
    uniforms: { ...DRAW_UNIFORMS, ...uniforms },
    code: `
      ${PHILOX}
      ${declarations}
      void main() {
        int index = getOutputCoords();
        uint word = randomWord(index);
        setOutput(${element});
      }
    `,
  };
}

function addition(size: number): Shader {
  return {
    inputs: ['X'],
    shape: [size],
    dtype: 'float32',
    uniforms: { low: 'float' },
    code: 'void main() { setOutput(getX(getOutputCoords()) + low); }',
  };
}
