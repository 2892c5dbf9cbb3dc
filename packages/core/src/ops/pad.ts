/** Growing a tensor at its edges. */
import { describe, run } from '../engine.js';
import { ConfigError, ShapeError } from '../errors.js';
import type { Scalar } from '../state/scalar.js';
import type { Tensor } from '../tensor.js';
import { checkTensor, shapeText } from './arguments.js';
import { attributeNumber } from './operand.js';

/** How many elements to add before and after, for each axis. */
export type Paddings = readonly (readonly [before: number, after: number])[];

/** `x` with `value` (default 0) put around it. */
export function pad(x: Tensor, paddings: Paddings, value: number | Scalar = 0): Tensor {
  checkTensor(x, 'pad');
  checkPaddings(x, paddings, 'pad');
  if (paddings.every(([before, after]) => before === 0 && after === 0))
    return run('Identity', { x });
  return run(
    'PadV2',
    { x },
    {
      paddings: paddings.map(([b, a]) => [b, a]),
      constantValue: attributeNumber(value, 'The value of pad()'),
    },
  );
}

/**
 * `x` continued by its mirror image: 'reflect' (default) leaves the edge out, [1,2,3] → [2,1,2,3,2];
 * 'symmetric' repeats it, [1,2,3] → [1,1,2,3,3].
 *
 * @throws ShapeError when more is added than there is to mirror.
 */
export function mirrorPad(
  x: Tensor,
  paddings: Paddings,
  mode: 'reflect' | 'symmetric' = 'reflect',
): Tensor {
  checkTensor(x, 'mirrorPad');
  checkPaddings(x, paddings, 'mirrorPad');
  if (mode !== 'reflect' && mode !== 'symmetric') {
    throw new ConfigError(
      `The mode of mirrorPad() is 'reflect' or 'symmetric'. Received: ${describe(mode)}.`,
    );
  }
  const spare = mode === 'reflect' ? 1 : 0;
  paddings.forEach((amounts, axis) => {
    const most = Math.max(0, x.shape[axis]! - spare);
    if (Math.max(...amounts) > most) {
      throw new ShapeError(
        `mirrorPad() adds at most ${most} at axis ${axis} of shape ${shapeText(x.shape)} in mode '${mode}'. Received: ${shapeText(amounts)}.`,
      );
    }
  });
  if (paddings.every(([before, after]) => before === 0 && after === 0))
    return run('Identity', { x });
  return run('MirrorPad', { x }, { paddings: paddings.map(([b, a]) => [b, a]), mode });
}

function checkPaddings(x: Tensor, paddings: Paddings, op: string): void {
  const valid =
    Array.isArray(paddings) &&
    paddings.length === x.shape.length &&
    paddings.every(
      (p) => Array.isArray(p) && p.length === 2 && p.every((n) => Number.isInteger(n) && n >= 0),
    );
  if (valid) return;
  throw new ConfigError(
    `${op}() takes [before, after] counts of at least 0 for each of the ${x.shape.length} axes. ` +
      `Received: ${JSON.stringify(paddings)} for shape ${shapeText(x.shape)}.`,
  );
}
