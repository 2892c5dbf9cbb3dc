/** Random numbers drawn on the GPU, with the bits of every other engine. */
import { compositeOf } from '@stratajs/core';
import type { MathBackendWebGL } from '@tensorflow/tfjs-backend-webgl';
import type { KernelFunc, TensorInfo } from '@tensorflow/tfjs-core';
import { type Fragment, runFragment } from '../shaders/fragment.js';
import { type Draw, drawValues, PHILOX } from '../shaders/philox.js';
import { ROUNDED } from '../shaders/rounded.js';
import { runTexels } from '../shaders/texels.js';

interface Range {
  readonly shape: readonly number[];
  readonly min: number;
  readonly max: number;
  readonly draw: Draw;
}

const f32 = Math.fround;
const onHost = compositeOf('StrataRandomInt');

export const randomUniform: KernelFunc = ({ attrs, backend }) => {
  const { shape, min, max, draw } = attrs as unknown as Range;
  const low = f32(min);
  return drawing(backend as MathBackendWebGL, draw, {
    shape,
    dtype: 'float32',
    floats: { low, width: f32(f32(max) - low) },
    ints: { nought: [0] },
    declarations: ROUNDED,
    element: 'plus(low, times(float(randomWord(index) >> 8u) * 5.9604644775390625e-8, width))',
  });
};

/** Integers of up to 24 bits; larger ones a texture cannot hold, and the host draws them. */
export const randomInt: KernelFunc = (call) => {
  const { attrs, backend } = call;
  const { shape, min, max, draw } = attrs as unknown as Range;
  if (min < -(2 ** 24) || max > 2 ** 24) return onHost(call) as TensorInfo;
  return drawing(backend as MathBackendWebGL, draw, {
    shape,
    dtype: 'int32',
    ints: { low: [min], width: [(max - min) | 0] },
    element: 'float(low + int(highProduct(randomWord(index), uint(width))))',
  });
};

export const dropout: KernelFunc = ({ inputs, attrs, backend }) => {
  const gpu = backend as MathBackendWebGL;
  const { rate, draw } = attrs as unknown as { rate: number; draw: Draw };
  const { x } = inputs as { x: TensorInfo };
  const mask = drawing(gpu, draw, {
    shape: x.shape,
    dtype: 'float32',
    ints: { threshold: [Math.ceil(rate * 2 ** 24)] },
    floats: { scale: 1 / (1 - rate) },
    element: 'int(randomWord(index) >> 8u) >= threshold ? scale : 0.0',
  });
  const [kept] = runTexels(gpu, { inputs: { x, mask }, code: 'x *= mask;', results: ['x'] });
  gpu.disposeData(mask.dataId);
  return kept!;
};

interface Drawn extends Pick<Fragment, 'floats' | 'ints'> {
  readonly shape: readonly number[];
  readonly dtype: 'float32' | 'int32';
  readonly declarations?: string;
  /** What element `index` becomes. */
  readonly element: string;
}

export function drawing(
  gpu: MathBackendWebGL,
  draw: Draw,
  { shape, dtype, floats = {}, ints = {}, declarations = '', element }: Drawn,
): TensorInfo {
  return runFragment(gpu, {
    floats,
    ints: { ...ints, ...drawValues(draw) },
    results: { drawn: { shape, dtype } },
    packed: true,
    code: `
      ${PHILOX}
      ${declarations}
      void main() {
        int first = element();
        bvec4 has = inside();
        ivec4 at = ivec4(first, first + 1, first + place.y, first + place.y + 1);
        vec4 four = vec4(0.0);
        for (int i = 0; i < 4; i++) {
          if (!has[i]) continue;
          int index = at[i];
          four[i] = ${element};
        }
        drawn = four;
      }
    `,
  })[0]!;
}
