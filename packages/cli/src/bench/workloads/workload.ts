/** What one workload of `strata bench` is: its arithmetic and traffic, counted by hand, and our side of it. */
import { reshape, slice, type Tensor } from '@stratajs/core';

/** Runs the work so many times, reads one element of the last result, and gives it. */
export type Run = (times: number) => Promise<number>;

export interface Workload {
  readonly name: string;
  readonly title: string;
  /** Floating-point operations of one run (a multiply-add counts two; convolutions as the direct algorithm). */
  readonly flops: number;
  /** Bytes that one run must at least move: inputs read and outputs written once. */
  readonly bytes: number;
  /** The most that our time may be, as a multiple of PyTorch's best; without one, nothing is asked. */
  readonly bar?: number;
  /** Whether PyTorch may also run it with channels last in memory. */
  readonly layouts?: true;
  /** Whether tfjs's sides run it too. */
  readonly tfjs?: true;
  /** Whether our side runs it on one thread as well. */
  readonly scales?: true;
  /** Our side, on the open engine. */
  prepare(): Run;
}

/** Runs `step` again and again; of its last result one element is read. */
export function repeat(step: () => Tensor): Run {
  return async (times) => {
    for (let i = 1; i < times; i++) step().dispose();
    const result = step();
    const value = await first(result);
    result.dispose();
    return value;
  };
}

/** One element, so that reading costs the same whatever the size. */
async function first(x: Tensor): Promise<number> {
  const corner = slice(
    x,
    x.shape.map(() => 0),
    x.shape.map(() => 1),
  );
  const scalar = reshape(corner, []);
  const value = (await scalar.data())[0] as number;
  corner.dispose();
  scalar.dispose();
  return value;
}

export function product(sizes: readonly number[]): number {
  return sizes.reduce((a, b) => a * b, 1);
}

export function total(values: readonly number[]): number {
  return values.reduce((a, b) => a + b, 0);
}
