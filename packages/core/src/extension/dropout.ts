import { describe, engine, run } from '../engine.js';
import { ConfigError, ShapeError } from '../errors.js';
import { checkTensor, sizeOf } from '../ops/arguments.js';
import { defaultRng } from '../random/default-rng.js';
import { type Draw, drawWords } from '../random/philox.js';
import type { Rng } from '../random/rng.js';
import type { Tensor } from '../tensor.js';
import { times } from './composite.js';
import type { ExtensionKernel } from './kernel.js';

const NAME = 'StrataDropout';

/**
 * Zeroes each element with probability `rate` and scales the others by 1/(1 − rate), so that the
 * expected value stays. It always drops: modules decide by their `training` flag whether to call it.
 *
 *     y = x·[u ≥ rate]/(1 − rate),   u uniform in [0, 1)
 *
 * The mask depends on the generator alone, and is the same on every engine. Srivastava et al.:
 * Dropout (JMLR 2014); differs from the paper: it scales here, not when predicting.
 *
 * @param rate in [0, 1).
 * @param options.rng default `defaultRng()`; moves on by ⌈size/4⌉ blocks.
 * @throws ConfigError for a rate outside [0, 1), ShapeError when x is not float32.
 */
export function dropout(
  x: Tensor,
  rate: number,
  { rng = defaultRng() }: { rng?: Rng } = {},
): Tensor {
  checkTensor(x, 'dropout');
  if (x.dtype !== 'float32') {
    throw new ShapeError(
      `dropout() takes float32 values. Received: ${describe(x)}. cast() it first.`,
    );
  }
  if (typeof rate !== 'number' || !(rate >= 0 && rate < 1)) {
    throw new ConfigError(
      `The rate of dropout() is a probability in [0, 1). Received: ${describe(rate)}. Usual: 0.1 to 0.5.`,
    );
  }
  return run(NAME, { x }, { rate, draw: rng.take(Math.ceil(x.size / 4)) });
}

/**
 * Kept elements are multiplied by one float32, the nearest to 1/(1 − rate); dropped ones by 0. The
 * comparison u ≥ rate is made in integers: (word >>> 8) ≥ ⌈rate·2^24⌉.
 */
export const dropoutKernel: ExtensionKernel = {
  name: NAME,
  composite: ({ x }, attrs) => {
    const { rate, draw } = attrs as unknown as { rate: number; draw: Draw };
    const mask = new Float32Array(sizeOf(x!.shape));
    const words = drawWords(draw, mask.length);
    const threshold = Math.ceil(rate * 2 ** 24);
    const scale = 1 / (1 - rate);
    for (let i = 0; i < mask.length; i++) mask[i] = words[i]! >>> 8 >= threshold ? scale : 0;
    return times(x!, engine().makeTensor(mask, x!.shape, 'float32'));
  },
  gradient: {
    saved: [],
    of: (dy, _, attrs) => ({ x: () => run(NAME, { x: dy }, attrs) }),
  },
};
