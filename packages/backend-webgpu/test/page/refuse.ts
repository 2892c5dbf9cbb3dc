/** What the plugin says in browsers that cannot run it: this one, with WebGPU taken away piece by piece. */
import { use } from '@stratajs/core';
import { webgpu } from '../../src/index.js';

export interface Refused {
  readonly withoutGpu: string | null;
  readonly withoutAdapter: string | null;
  readonly withoutDevice: string | null;
  readonly broken: string | null;
  /** The error of use(). */
  readonly error: string;
}

export function probe(): Promise<string | null> {
  return webgpu().probe();
}

export async function refuse(): Promise<Refused> {
  const real = navigator.gpu;
  const withGpu = async <T>(gpu: object | undefined, then: () => Promise<T>): Promise<T> => {
    Object.defineProperty(navigator, 'gpu', { value: gpu, configurable: true });
    try {
      return await then();
    } finally {
      Object.defineProperty(navigator, 'gpu', { value: real, configurable: true });
    }
  };
  const adapter = await real.requestAdapter();
  const refusing = {
    requestAdapter: async () => ({
      limits: adapter?.limits ?? {},
      info: adapter?.info,
      requestDevice: () => Promise.reject(new TypeError('limit exceeded')),
    }),
  };
  const breaking = {
    requestAdapter: () => Promise.reject(new Error('the GPU process is gone')),
  };
  return {
    withoutGpu: await withGpu(undefined, probe),
    withoutAdapter: await withGpu({ requestAdapter: async () => null }, probe),
    withoutDevice: await withGpu(refusing, probe),
    broken: await withGpu(breaking, probe),
    error: await withGpu(undefined, () =>
      use(webgpu()).then(
        () => 'none',
        (e: Error) => `${e.name}: ${e.message}`,
      ),
    ),
  };
}
