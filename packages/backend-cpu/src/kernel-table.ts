import { BackendError } from '@stratajs/core';
import { getKernelsForBackend } from '@tensorflow/tfjs-core';

/** The name under which tfjs knows this engine. */
export const ENGINE = 'strata-cpu';

/** Who computes a kernel: native code, JavaScript, or core from other kernels. */
export type KernelOrigin = 'native' | 'javascript' | 'composite';

/** Of the kernels that this engine itself registered. Empty while it is closed. */
export const origins: Map<string, 'native' | 'javascript'> = new Map();

/**
 * For each kernel of the open engine, who computes it. A native kernel leaves dtypes and layouts that
 * it does not cover to JavaScript.
 *
 * @throws BackendError while the engine is closed.
 */
export function kernelTable(): Readonly<Record<string, KernelOrigin>> {
  if (origins.size === 0) {
    throw new BackendError(
      'kernelTable() tells of the open CPU engine. Received: none is open. Call it after `await use(cpu())`.',
    );
  }
  const names = getKernelsForBackend(ENGINE).map(({ kernelName }) => kernelName);
  return Object.fromEntries(
    names.toSorted().map((name) => [name, origins.get(name) ?? 'composite']),
  );
}
