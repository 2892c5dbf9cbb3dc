import { ConfigError, describeValue } from '@stratajs/core';

/**
 * Zeros around an image: 'valid' none, 'same' so many that ⌈size / stride⌉ positions come out (the
 * odd one at the end), a number on all four sides, or [[top, bottom], [left, right]].
 */
export type Padding2d =
  | 'same'
  | 'valid'
  | number
  | readonly [readonly [number, number], readonly [number, number]];

export function checkPadding(layer: string, padding: Padding2d): Padding2d {
  const whole = (v: unknown): boolean => Number.isInteger(v) && (v as number) >= 0;
  const sides = (v: unknown): boolean => Array.isArray(v) && v.length === 2 && v.every(whole);
  const good =
    padding === 'same' ||
    padding === 'valid' ||
    whole(padding) ||
    (Array.isArray(padding) && padding.length === 2 && padding.every(sides));
  if (good) return padding;
  throw new ConfigError(
    `The padding of ${layer} is 'same', 'valid', a whole number, or [[top, bottom], [left, right]]. ` +
      `Received: ${typeof padding === 'object' ? JSON.stringify(padding) : describeValue(padding)}.`,
  );
}
