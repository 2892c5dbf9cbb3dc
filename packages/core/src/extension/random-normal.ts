import { engine } from '../engine.js';
import { sizeOf } from '../ops/arguments.js';
import { fillNormal } from '../random/normal.js';
import { type Draw, drawWords } from '../random/philox.js';
import type { ExtensionKernel } from './kernel.js';

/** `mean + std·z`, z as `random/normal.ts` defines it. Attributes: shape, mean, std, draw. */
export const randomNormalKernel: ExtensionKernel = {
  name: 'StrataRandomNormal',
  composite: (_, attrs) => {
    const { shape, mean, std, draw } = attrs as unknown as RandomNormalAttributes;
    const values = new Float32Array(sizeOf(shape));
    fillNormal(values, drawWords(draw, values.length + (values.length & 1)), mean, std);
    return engine().makeTensor(values, shape, 'float32');
  },
};

interface RandomNormalAttributes {
  readonly shape: readonly number[];
  readonly mean: number;
  readonly std: number;
  readonly draw: Draw;
}
