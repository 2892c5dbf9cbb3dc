import { engine } from '../engine.js';
import { sizeOf } from '../ops/arguments.js';
import { type Draw, drawWords } from '../random/philox.js';
import { fillIntegers } from '../random/uniform.js';
import type { ExtensionKernel } from './kernel.js';

/** int32 in [min, max): min + the high 32 bits of x·(max − min). Attributes: shape, min, max, draw. */
export const randomIntKernel: ExtensionKernel = {
  name: 'StrataRandomInt',
  composite: (_, attrs) => {
    const { shape, min, max, draw } = attrs as unknown as RandomIntAttributes;
    const values = new Int32Array(sizeOf(shape));
    fillIntegers(values, drawWords(draw, values.length), min, max);
    return engine().makeTensor(values, shape, 'int32');
  },
};

interface RandomIntAttributes {
  readonly shape: readonly number[];
  readonly min: number;
  readonly max: number;
  readonly draw: Draw;
}
