import { describe, run } from '../engine.js';
import { ShapeError } from '../errors.js';
import { noGrad } from '../autodiff/tape.js';
import { checkTensors, sizeOf } from '../ops/arguments.js';
import type { Tensor } from '../tensor.js';
import { fill, reshape } from './composite.js';
import type { ExtensionKernel } from './kernel.js';

const NAME = 'StrataFirstNonFinite';

/**
 * The index of the first tensor that holds a NaN or an infinity, −1 when all elements of all tensors
 * are finite. The answer stays on the device: as the `gate` of an update it keeps a bad step from
 * changing anything, and it may be read later.
 *
 * @param tensors float32, at least one.
 * @returns an int32 scalar.
 */
export function firstNonFinite(tensors: readonly Tensor[]): Tensor {
  checkTensors(tensors, 'firstNonFinite');
  const inputs: Record<string, Tensor> = {};
  tensors.forEach((x, k) => {
    if (x.dtype !== 'float32') {
      throw new ShapeError(
        `firstNonFinite() takes float32 tensors. Received: tensors[${k}] is ${describe(x)}. ` +
          'Leave out those of other dtypes: they are always finite.',
      );
    }
    inputs[`x${k}`] = x;
  });
  return noGrad(() => run(NAME, inputs, { count: tensors.length }));
}

export const firstNonFiniteKernel: ExtensionKernel = {
  name: NAME,
  composite: (inputs, attrs) => {
    let first = fill([], -1, 'int32');
    for (let k = (attrs['count'] as number) - 1; k >= 0; k--) {
      const x = inputs[`x${k}`]!;
      const size = sizeOf(x.shape);
      if (size === 0) continue;
      const finite = run('IsFinite', { x: reshape(x, [size]) });
      const condition = run('All', { x: finite }, { axis: [0], keepDims: false });
      first = run('Select', { condition, t: first, e: fill([], k, 'int32') });
    }
    return first;
  },
};
