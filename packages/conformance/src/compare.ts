/** Comparisons of numbers that throw with the first element that differs. */
import type { Tensor } from '@stratajs/core';

export interface Tolerance {
  /** Allowed relative to each expected element. */
  readonly relative: number;
  /** Allowed relative to the greatest expected element, for those that cancel to nearly zero. */
  readonly ofGreatest?: number;
}

/** Throws unless |received − expected| ≤ relative·|expected| + ofGreatest·max|expected| for every element. */
export function assertClose(
  what: string,
  received: ArrayLike<number>,
  expected: ArrayLike<number>,
  { relative, ofGreatest = 0 }: Tolerance,
): void {
  assertCount(what, received, expected);
  let greatest = 0;
  for (let i = 0; i < expected.length; i++) {
    if (Number.isFinite(expected[i])) greatest = Math.max(greatest, Math.abs(expected[i]!));
  }
  for (let i = 0; i < expected.length; i++) {
    const [r, e] = [received[i]!, expected[i]!];
    // NaN and the infinities are equal only to themselves.
    if (Object.is(r, e) || r === e) continue;
    const allowed = relative * Math.abs(e) + ofGreatest * greatest;
    if (!(Math.abs(r - e) <= allowed)) {
      throw new Error(
        `${what}: element ${i} of ${expected.length} differs. Expected: ${e}. Received: ${r}. ` +
          `Allowed difference: ${allowed.toPrecision(2)}; found: ${Math.abs(r - e).toPrecision(2)}.`,
      );
    }
  }
}

/** Throws unless every element is the same number, bit for bit (0 and −0 differ; every NaN is one). */
export function assertIdentical(
  what: string,
  received: ArrayLike<number>,
  expected: ArrayLike<number>,
): void {
  assertCount(what, received, expected);
  for (let i = 0; i < expected.length; i++) {
    if (!Object.is(received[i], expected[i])) {
      throw new Error(
        `${what}: element ${i} of ${expected.length} differs. Expected exactly: ${expected[i]}. Received: ${received[i]}.`,
      );
    }
  }
}

export function assertEqual(what: string, received: unknown, expected: unknown): void {
  const [r, e] = [JSON.stringify(received), JSON.stringify(expected)];
  if (r !== e) throw new Error(`${what}. Expected: ${e}. Received: ${r}.`);
}

export function assertThat(condition: boolean, message: string): asserts condition {
  if (!condition) throw new Error(message);
}

/** The elements of a tensor of numbers. */
export async function numbers(t: Tensor): Promise<ArrayLike<number>> {
  return (await t.data()) as ArrayLike<number>;
}

/** The elements of a tensor of numbers that is then freed. */
export async function take(t: Tensor): Promise<ArrayLike<number>> {
  const values = await numbers(t);
  t.dispose();
  return values;
}

function assertCount(what: string, received: ArrayLike<number>, expected: ArrayLike<number>): void {
  if (received.length !== expected.length) {
    throw new Error(
      `${what}: wrong number of elements. Expected: ${expected.length}. Received: ${received.length}.`,
    );
  }
}
