import { readFileSync } from 'node:fs';
import { type Tensor, tensor } from '@stratajs/core';
import { expect } from 'vitest';

/** A tensor as golden/make.py writes it. */
export interface Golden {
  readonly shape: readonly number[];
  readonly data: readonly number[];
}

export function readGolden<T>(name: string): T {
  return JSON.parse(readFileSync(new URL(`golden/${name}.json`, import.meta.url), 'utf8')) as T;
}

export function fromGolden({ shape, data }: Golden): Tensor {
  return tensor(Float32Array.from(data), shape);
}

/** Every element within `tolerance`, relative to the golden one or to 1, whichever is larger. */
export async function expectClose(
  actual: Tensor,
  golden: Golden,
  tolerance: number = 1e-5,
): Promise<void> {
  expect(actual.shape).toEqual(golden.shape);
  const values = await actual.data();
  const worst = golden.data.reduce((worst, g, i) => {
    const error = Math.abs((values[i] as number) - g) / Math.max(1, Math.abs(g));
    return error <= worst ? worst : error; // also takes NaN
  }, 0);
  expect(worst).toBeLessThanOrEqual(tolerance);
}
