import { describe } from '../engine.js';
import { ShapeError } from '../errors.js';
import type { Tensor } from '../tensor.js';
import { checkInteger, checkTensor } from './arguments.js';
import { runStopped } from './recording.js';

/**
 * float32 [..., depth] with 1 at each index along a new last axis, 0 elsewhere. An index outside
 * [0, depth) gives zeros.
 */
export function oneHot(indices: Tensor, depth: number): Tensor {
  checkTensor(indices, 'oneHot', 'indices');
  checkInteger(depth, 1, 'The depth of oneHot()');
  if (indices.dtype !== 'int32') {
    throw new ShapeError(
      `The indices of oneHot() are int32. Received: ${describe(indices)}. cast() them.`,
    );
  }
  return runStopped('OneHot', { indices }, { depth, onValue: 1, offValue: 0, dtype: 'float32' });
}
