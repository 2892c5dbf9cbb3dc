import { engine } from '../engine.js';
import { sizeOf } from '../ops/arguments.js';
import { type Draw, drawWords } from '../random/philox.js';
import { fillUniform } from '../random/uniform.js';
import type { ExtensionKernel } from './kernel.js';

/** `min + u·(max − min)`, each step rounded to float32, u = (x >>> 8)·2^-24. Attributes: shape, min, max, draw. */
export const randomUniformKernel: ExtensionKernel = {
  name: 'StrataRandomUniform',
  composite: (_, attrs) => {
    const { shape, min, max, draw } = attrs as unknown as RandomUniformAttributes;
    const values = new Float32Array(sizeOf(shape));
    fillUniform(values, drawWords(draw, values.length), min, max);
    return engine().makeTensor(values, shape, 'float32');
  },
};

interface RandomUniformAttributes {
  readonly shape: readonly number[];
  readonly min: number;
  readonly max: number;
  readonly draw: Draw;
}
