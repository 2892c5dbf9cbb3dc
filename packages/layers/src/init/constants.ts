import { full } from '@stratajs/core';
import type { Initializer } from './initializer.js';

/** 0 everywhere. */
export const zeros: Initializer = (shape) => full(shape, 0);

/** 1 everywhere. */
export const ones: Initializer = (shape) => full(shape, 1);

/** `value` everywhere. */
export function constant(value: number): Initializer {
  return (shape) => full(shape, value);
}
