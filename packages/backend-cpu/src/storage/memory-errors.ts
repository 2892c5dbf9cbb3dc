import { BackendError } from '@stratajs/core';
import type { KernelFunc } from '@tensorflow/tfjs-core';

/** The kernel, with a BackendError in place of what engines and addons throw when memory runs out. */
export function withMemoryErrors(kernel: KernelFunc): KernelFunc {
  return (args) => {
    try {
      return kernel(args);
    } catch (error) {
      throw memoryErrorOf(error);
    }
  };
}

/** A BackendError for an error that says that memory ran out; any other error itself. */
export function memoryErrorOf(error: unknown): unknown {
  return isMemoryError(error) ? outOfMemory(describe(error), error) : error;
}

/** The error for memory that cannot be had: `wanted` says for what. */
export function outOfMemory(wanted: string, cause: unknown): BackendError {
  return new BackendError(
    `The CPU engine ran out of memory. Received: ${wanted}. ` +
      'Use a smaller batch or model, or dispose tensors that are no longer needed.',
    { cause },
  );
}

/** Native kernels count elements in 32 bits. */
export const MOST_ELEMENTS: number = 2 ** 31 - 1;

/** The error for a tensor that no memory would make possible. */
export function tooManyElements(length: number, dtype: string): BackendError {
  return new BackendError(
    `A tensor of the native CPU engine holds at most 2^31 − 1 elements. Received: ${length} of ${dtype}. ` +
      'Divide it, for example into smaller batches.',
  );
}

function isMemoryError(error: unknown): boolean {
  if ((error as { code?: unknown } | null)?.code === 'STRATA_OUT_OF_MEMORY') return true;
  return (
    error instanceof RangeError &&
    /array length|allocation failed|buffer.*(size|length)/i.test(error.message)
  );
}

function describe(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
