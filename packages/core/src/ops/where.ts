import { describe, isTensor, run } from '../engine.js';
import { ShapeError } from '../errors.js';
import { tidy } from '../memory.js';
import { scalarValue } from '../state/scalar.js';
import type { DType, Tensor } from '../tensor.js';
import { broadcastShapes, checkTensor, sameShape } from './arguments.js';
import { cast } from './cast.js';
import { commonDType, type Operand } from './operand.js';
import { broadcastTo } from './shape.js';

/**
 * a where the condition holds, else b, element by element. All three broadcast to one shape.
 *
 * The gradient goes to the side that is chosen, and 0 to the other. Where the derivative of the other is
 * infinite, 0·∞ is NaN: keep such arguments out of it, as in `where(ok, log(where(ok, x, 1)), 0)`.
 *
 * @throws ShapeError when the condition is not bool or the shapes do not broadcast.
 */
export function where(condition: Tensor, a: Operand, b: Operand): Tensor {
  checkTensor(condition, 'where', 'condition');
  if (condition.dtype !== 'bool') {
    throw new ShapeError(
      `The condition of where() is a bool tensor. Received: ${describe(condition)}. Compare it, for example notEqual(x, 0).`,
    );
  }
  const dtype = commonDType(a, b, 'where');
  let shape = condition.shape;
  if (isTensor(a)) shape = broadcastShapes(shape, a.shape, 'where');
  if (isTensor(b)) shape = broadcastShapes(shape, b.shape, 'where');
  return tidy(() =>
    run('Select', {
      condition: sameShape(condition.shape, shape) ? condition : broadcastTo(condition, shape),
      t: spread(a, shape, dtype),
      e: spread(b, shape, dtype),
    }),
  );
}

function spread(x: Operand, shape: readonly number[], dtype: DType): Tensor {
  if (!isTensor(x)) return run('Fill', {}, { shape: [...shape], value: scalarValue(x), dtype });
  const t = x.dtype === dtype ? x : cast(x, dtype);
  return sameShape(t.shape, shape) ? t : broadcastTo(t, shape);
}
