/** Joining tensors, and taking them apart again. */
import { run, runMany } from '../engine.js';
import { ShapeError } from '../errors.js';
import type { Tensor } from '../tensor.js';
import {
  axisIndex,
  checkInteger,
  checkTensor,
  checkTensors,
  sameShape,
  shapeText,
} from './arguments.js';

/**
 * The tensors one after another along an axis (default 0). Their other sizes and dtypes agree.
 *
 * @throws ShapeError when they do not.
 */
export function concat(tensors: readonly Tensor[], axis: number = 0): Tensor {
  checkTensors(tensors, 'concat');
  const first = tensors[0]!;
  const at = axisIndex(axis, first.shape.length, 'concat');
  for (const t of tensors) {
    const agrees =
      t.dtype === first.dtype &&
      t.shape.length === first.shape.length &&
      t.shape.every((d, i) => i === at || d === first.shape[i]);
    if (!agrees) disagree('concat', first, t, `agree but at axis ${at}`);
  }
  if (tensors.length === 1) return run('Identity', { x: first });
  return run('Concat', tensors as unknown as Record<string, Tensor>, { axis: at });
}

/** Tensors of one shape side by side along a new axis (default 0) of the result. */
export function stack(tensors: readonly Tensor[], axis: number = 0): Tensor {
  checkTensors(tensors, 'stack');
  const first = tensors[0]!;
  const at = axisIndex(axis, first.shape.length + 1, 'stack');
  for (const t of tensors) {
    if (!sameShape(t.shape, first.shape) || t.dtype !== first.dtype)
      disagree('stack', first, t, 'agree');
  }
  return run('Pack', tensors as unknown as Record<string, Tensor>, { axis: at });
}

/** The slices along an axis (default 0), each without it. */
export function unstack(x: Tensor, axis: number = 0): Tensor[] {
  checkTensor(x, 'unstack');
  const at = axisIndex(axis, x.shape.length, 'unstack');
  if (x.shape[at] === 0) return [];
  return runMany('Unpack', { value: x }, { axis: at });
}

/**
 * Parts of `x` along an axis (default 0): a number of equal parts, or parts of the sizes listed.
 *
 * @throws ShapeError when they do not add up to the axis.
 */
export function split(
  x: Tensor,
  sizesOrCount: number | readonly number[],
  axis: number = 0,
): Tensor[] {
  checkTensor(x, 'split');
  const at = axisIndex(axis, x.shape.length, 'split');
  const length = x.shape[at]!;
  let sizes: number[];
  if (typeof sizesOrCount === 'number') {
    checkInteger(sizesOrCount, 1, 'The number of parts of split()');
    sizes = Array.from({ length: sizesOrCount }, () => length / sizesOrCount);
  } else {
    sizesOrCount.forEach((n) => checkInteger(n, 0, 'A size in split()'));
    sizes = [...sizesOrCount];
  }
  const total = sizes.reduce((sum, n) => sum + n, 0);
  if (total !== length || !sizes.every(Number.isInteger)) {
    throw new ShapeError(
      `The parts of split() make up the axis. Received: ${typeof sizesOrCount === 'number' ? `${sizesOrCount} equal parts` : `sizes ${shapeText(sizesOrCount)}`} ` +
        `of axis ${at}, which has ${length} of shape ${shapeText(x.shape)}.`,
    );
  }
  if (sizes.length === 0) return [];
  return runMany('SplitV', { x }, { numOrSizeSplits: sizes, axis: at });
}

function disagree(op: string, a: Tensor, b: Tensor, how: string): never {
  throw new ShapeError(
    `The shapes and dtypes of the tensors of ${op}() ${how}. Received: ${a.dtype} ${shapeText(a.shape)} and ` +
      `${b.dtype} ${shapeText(b.shape)}. reshape() or cast() them first.`,
  );
}
