/** The elements of a program's inputs. */
import type { Drawing, Value } from './drawing.js';

/** Where floating-point arithmetic has cases of its own. */
const SPECIAL = [
  NaN,
  Infinity,
  -Infinity,
  0,
  -0,
  1,
  -1,
  0.5,
  2 ** -149,
  -(2 ** -149),
  2 ** -127,
  2 ** -126,
  2 ** 127,
  -(2 ** 127),
  (2 - 2 ** -23) * 2 ** 127,
  -(2 - 2 ** -23) * 2 ** 127,
  2 ** 24 + 2,
  1 + 2 ** -23,
];

/** Elements within the bounds of `value`. */
export function drawElements(d: Drawing, { shape, dtype, low, high }: Value): ArrayLike<number> {
  const length = shape.reduce((size, n) => size * n, 1);
  const fill = (one: () => number): number[] => Array.from({ length }, one);
  if (dtype === 'bool') return fill(() => d.below(2));
  if (dtype === 'int32') return fill(() => d.between(Math.ceil(low), Math.floor(high)));
  if (d.special)
    return fill(() => Math.fround(d.chance(0.4) ? d.pick(SPECIAL) : uniform(d, -9, 9)));
  // Most of the time near 1, whatever the bounds allow.
  const [from, to] = d.chance(0.2) ? [low, high] : [Math.max(low, -8), Math.min(high, 8)];
  const [start, end] = from <= to ? [from, to] : [low, high];
  // A coarse grid has ties, zeros and bounds met exactly.
  if (d.chance(0.25)) return fill(() => Math.fround(start + ((end - start) * d.below(17)) / 16));
  return fill(() => Math.fround(uniform(d, start, end)));
}

function uniform(d: Drawing, low: number, high: number): number {
  return low + d.uniform() * (high - low);
}
