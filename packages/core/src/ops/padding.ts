/** The `padding` and size options of convolutions and pools. */
import { describe } from '../engine.js';
import { ConfigError, ShapeError } from '../errors.js';
import { shapeText } from './arguments.js';

/**
 * 'valid' adds nothing; 'same' gives ⌈size / stride⌉ outputs, the odd element added after; a number
 * adds that many on every side; pairs add [before, after] to each spatial axis.
 */
export type Padding =
  | 'same'
  | 'valid'
  | number
  | readonly (readonly [before: number, after: number])[];

/** One window geometry along one spatial axis. */
export interface Window {
  readonly input: number;
  readonly kernel: number;
  readonly stride: number;
  readonly dilation: number;
  readonly before: number;
  readonly after: number;
  readonly output: number;
}

/** A size option as one number for each of `count` axes. */
export function perAxis(
  value: number | readonly number[],
  count: number,
  what: string,
  least: number = 1,
): number[] {
  const list = typeof value === 'number' ? Array.from({ length: count }, () => value) : value;
  if (
    Array.isArray(list) &&
    list.length === count &&
    list.every((n) => Number.isInteger(n) && n >= least)
  ) {
    return [...(list as number[])];
  }
  throw new ConfigError(
    `${what} is an integer of at least ${least}, or ${count} of them. Received: ` +
      `${Array.isArray(value) ? shapeText(value) : describe(value)}.`,
  );
}

/** The windows along each spatial axis. */
export function windows(
  op: string,
  input: readonly number[],
  kernel: readonly number[],
  strides: readonly number[],
  dilations: readonly number[],
  padding: Padding,
): Window[] {
  const pairs = paddingPairs(op, padding, input.length);
  return input.map((size, i) => {
    const stride = strides[i]!;
    const dilation = dilations[i]!;
    const reach = (kernel[i]! - 1) * dilation + 1;
    let [before, after] = pairs?.[i] ?? [0, 0];
    if (padding === 'same') {
      const needed = Math.max(0, (Math.ceil(size / stride) - 1) * stride + reach - size);
      before = Math.floor(needed / 2);
      after = needed - before;
    }
    const output = Math.floor((size + before + after - reach) / stride) + 1;
    if (output < 1) {
      throw new ShapeError(
        `The window of ${op}() fits in the padded input. Received: window ${reach}${dilation > 1 ? ` (dilated)` : ''} on ` +
          `${size} + ${before + after} along spatial axis ${i}. Use a smaller kernelSize or more padding.`,
      );
    }
    return { input: size, kernel: kernel[i]!, stride, dilation, before, after, output };
  });
}

/** The attribute `pad` of tfjs's kernels on NHWC: explicit, since a number is not right there for every kernel shape. */
export function padAttribute(
  padding: Padding,
  along: readonly Window[],
): 'same' | 'valid' | number[][] {
  if (padding === 'same') return 'same';
  if (along.every((w) => w.before === 0 && w.after === 0)) return 'valid';
  return [[0, 0], ...along.map((w) => [w.before, w.after]), [0, 0]];
}

function paddingPairs(
  op: string,
  padding: Padding,
  count: number,
): readonly (readonly [number, number])[] | null {
  if (padding === 'same' || padding === 'valid') return null;
  const pairs: unknown =
    typeof padding === 'number' ? Array.from({ length: count }, () => [padding, padding]) : padding;
  const valid =
    Array.isArray(pairs) &&
    pairs.length === count &&
    pairs.every(
      (p) => Array.isArray(p) && p.length === 2 && p.every((n) => Number.isInteger(n) && n >= 0),
    );
  if (!valid) {
    throw new ConfigError(
      `The padding of ${op}() is 'same', 'valid', a whole number, or ${count} pairs [before, after]. ` +
        `Received: ${typeof padding === 'object' ? JSON.stringify(padding) : describe(padding)}.`,
    );
  }
  return pairs as [number, number][];
}
