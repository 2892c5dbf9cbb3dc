import { BackendError } from '@stratajs/core';
import { getKernelsForBackend } from '@tensorflow/tfjs-core';

/** The name under which tfjs knows this engine. */
export const ENGINE = 'strata-cpu';

/**
 * Who computes a kernel: native code, tfjs's WebAssembly, JavaScript, JavaScript on a copy that leaves
 * WebAssembly's memory and returns there, or several other kernels together.
 */
export type KernelOrigin = 'native' | 'wasm' | 'javascript' | 'host copy' | 'composite';

/** Of the kernels that this engine itself registered. Empty while it is closed. */
export const origins: Map<string, KernelOrigin> = new Map();

/**
 * For each kernel of the open engine, who computes it. A native or WASM kernel leaves dtypes and
 * layouts that it does not cover to JavaScript.
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
