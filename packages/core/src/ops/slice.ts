/** Parts of a tensor along its axes. */
import { run } from '../engine.js';
import { ConfigError, ShapeError } from '../errors.js';
import { tidy } from '../memory.js';
import type { Tensor } from '../tensor.js';
import { checkTensor, shapeText } from './arguments.js';
import { reverse } from './shape.js';

/**
 * The elements from `begin`, `size` many along each axis. Axes that are not listed are kept whole;
 * a size of −1, or none given, goes to the end.
 *
 *     slice(x, [0, 2], [1, 3]);         // row 0, columns 2, 3, 4
 *
 * @throws ShapeError when the part reaches beyond the tensor.
 */
export function slice(
  x: Tensor,
  begin: number | readonly number[],
  size?: number | readonly number[],
): Tensor {
  checkTensor(x, 'slice');
  const from = typeof begin === 'number' ? [begin] : begin;
  const count = size === undefined ? [] : typeof size === 'number' ? [size] : size;
  const start = x.shape.map((_, i) => from[i] ?? 0);
  const length = x.shape.map((d, i) => {
    const n = count[i] ?? -1;
    return n === -1 ? d - start[i]! : n;
  });
  const inside =
    from.length <= x.shape.length &&
    count.length <= x.shape.length &&
    x.shape.every((d, i) => isPart(start[i]!, length[i]!, d));
  if (!inside) {
    throw new ShapeError(
      `A slice() lies inside the tensor. Received: begin ${shapeText(from)}, size ${size === undefined ? 'to the end' : shapeText(count)} ` +
        `of shape ${shapeText(x.shape)}. Count from 0; -1 as a size goes to the end.`,
    );
  }
  if (x.shape.length === 0) return run('Identity', { x });
  return run('Slice', { x }, { begin: start, size: length });
}

/**
 * The elements begin, begin + stride, … before `end` along each axis, as `x[begin:end:stride]` in
 * NumPy: negative places count from the end, a null is as far as the stride goes, and a negative
 * stride walks backwards. Axes that are not listed are kept whole. Default strides: 1.
 *
 *     stridedSlice(x, [null], [null], [-1]);       // reversed
 */
export function stridedSlice(
  x: Tensor,
  begin: readonly (number | null)[],
  end: readonly (number | null)[],
  strides: readonly number[] = [],
): Tensor {
  checkTensor(x, 'stridedSlice');
  const longest = Math.max(begin.length, end.length, strides.length);
  const whole = (v: number | null): boolean => v === null || Number.isInteger(v);
  if (longest > x.shape.length || !begin.every(whole) || !end.every(whole)) {
    throw new ShapeError(
      `stridedSlice() takes whole begins, ends and strides for at most ${x.shape.length} axes. ` +
        `Received: ${longest} for shape ${shapeText(x.shape)}.`,
    );
  }
  if (!strides.every((s) => Number.isInteger(s) && s !== 0)) {
    throw new ConfigError(
      `A stride of stridedSlice() is a whole number other than 0. Received: ${shapeText(strides)}.`,
    );
  }
  const ranges = x.shape.map((d, i) =>
    forward(d, begin[i] ?? null, end[i] ?? null, strides[i] ?? 1),
  );
  const backwards = ranges.flatMap((r, i) => (r.reversed ? [i] : []));
  return tidy(() => {
    const ahead = backwards.length > 0 ? reverse(x, backwards) : x;
    if (ranges.every((r) => r.stride === 1)) {
      return slice(
        ahead,
        ranges.map((r) => r.begin),
        ranges.map((r) => r.end - r.begin),
      );
    }
    return run(
      'StridedSlice',
      { x: ahead },
      {
        begin: ranges.map((r) => r.begin),
        end: ranges.map((r) => r.end),
        strides: ranges.map((r) => r.stride),
        beginMask: 0,
        endMask: 0,
        ellipsisMask: 0,
        newAxisMask: 0,
        shrinkAxisMask: 0,
      },
    );
  });
}

function isPart(start: number, length: number, size: number): boolean {
  return (
    Number.isInteger(start) &&
    Number.isInteger(length) &&
    start >= 0 &&
    length >= 0 &&
    start + length <= size
  );
}

/** The range with a positive stride, on the axis reversed when the stride was negative. */
function forward(
  size: number,
  begin: number | null,
  end: number | null,
  stride: number,
): { begin: number; end: number; stride: number; reversed: boolean } {
  const reversed = stride < 0;
  const place = (v: number | null, open: number): number => {
    if (v === null) return open;
    const fromFront = v < 0 ? v + size : v;
    const seen = reversed ? size - 1 - fromFront : fromFront;
    return Math.min(Math.max(seen, 0), size);
  };
  const from = place(begin, 0);
  return { begin: from, end: Math.max(from, place(end, size)), stride: Math.abs(stride), reversed };
}
