import { loadWasmInBrowser } from './browser-wasm.js';
import type { Platform } from './platform.js';

/** Browsers, and anything else that is not Node: no addon. */
export const platform: Platform = {
  loadAddon: () => 'native addons load in Node.js only',
  loadWasm: loadWasmInBrowser,
  async loadJavascriptKernels() {
    await import('@tensorflow/tfjs-backend-cpu');
  },
  describeProcessor: () => 'the processor behind this browser',
  availableParallelism: () =>
    (globalThis as { navigator?: { hardwareConcurrency?: number } }).navigator
      ?.hardwareConcurrency ?? 1,
  totalMemory: () => 4 * 2 ** 30,
};
