/** Checks that nothing stays behind: tensors of tfjs's engine, and storage of the engine under test. */
import { backend } from '@tensorflow/tfjs-core';
import { memory } from '@stratajs/core';
import { assertThat } from './compare.js';

interface Count {
  readonly tensors: number;
  readonly storages: number;
}

/** Runs `fn`, which must free what it makes; throws when more, or fewer, tensors or storages are alive than before. */
export async function assertNoLeak(what: string, fn: () => void | Promise<void>): Promise<void> {
  const before = count();
  await fn();
  assertSame(what, before, count());
}

/** As `assertNoLeak`, for `fn` that must throw an Error. Gives back what it threw. */
export function assertThrowsCleanly(what: string, fn: () => unknown): Error {
  const before = count();
  let thrown: unknown;
  try {
    fn();
  } catch (error) {
    thrown = error;
  }
  assertThat(thrown instanceof Error, `${what} must throw an Error. Received: ${String(thrown)}.`);
  assertSame(`${what}, which throws,`, before, count());
  return thrown;
}

function count(): Count {
  return { tensors: memory().numTensors, storages: backend().numDataIds() };
}

function assertSame(what: string, before: Count, after: Count): void {
  assertThat(
    before.tensors === after.tensors,
    `${what} leaves ${after.tensors - before.tensors} tensors behind. Expected: 0.`,
  );
  assertThat(
    before.storages === after.storages,
    `${what} leaves ${after.storages - before.storages} storages of the engine behind. Expected: 0.`,
  );
}
