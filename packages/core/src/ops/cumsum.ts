import { run } from '../engine.js';
import type { Tensor } from '../tensor.js';
import { axisIndex, checkNumeric, checkTensor } from './arguments.js';

export interface CumsumOptions {
  /** Leave the element itself out of its sum, so that the first is 0. Default false. */
  readonly exclusive?: boolean;
  /** Sum from the end. Default false. */
  readonly reverse?: boolean;
}

/** Running sums along an axis: y[i] = x[0] + … + x[i]. */
export function cumsum(
  x: Tensor,
  axis: number,
  { exclusive = false, reverse = false }: CumsumOptions = {},
): Tensor {
  checkTensor(x, 'cumsum');
  checkNumeric(x, 'cumsum', false);
  const at = axisIndex(axis, x.shape.length, 'cumsum');
  if (x.size === 0) return run('Identity', { x });
  return run('Cumsum', { x }, { axis: at, exclusive, reverse });
}
