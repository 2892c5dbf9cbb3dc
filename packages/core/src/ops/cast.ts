import { describe, run } from '../engine.js';
import { ShapeError } from '../errors.js';
import type { DType, Tensor } from '../tensor.js';
import { checkDType, checkTensor } from './arguments.js';
import { runStopped } from './recording.js';

/**
 * The values of `x` as another dtype: to int32 towards zero, to bool whether other than 0, from bool
 * to 0 and 1. The gradient flows between float32 and complex64 only, and stops at whole numbers.
 *
 * @throws ShapeError to or from text. @throws ConfigError for an unknown dtype.
 */
export function cast(x: Tensor, dtype: DType): Tensor {
  checkTensor(x, 'cast');
  checkDType(dtype, 'cast');
  if (x.dtype === dtype) return run('Identity', { x });
  if (x.dtype === 'string' || dtype === 'string') {
    throw new ShapeError(
      `cast() converts numbers and booleans. Received: ${describe(x)} to ${dtype}.`,
    );
  }
  const whole = dtype === 'int32' || dtype === 'bool' || x.dtype === 'int32' || x.dtype === 'bool';
  return (whole ? runStopped : run)('Cast', { x }, { dtype });
}

/** The same values under a tensor of its own; nothing is copied. */
export function identity(x: Tensor): Tensor {
  checkTensor(x, 'identity');
  return run('Identity', { x });
}
