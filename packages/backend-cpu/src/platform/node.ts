import { createRequire } from 'node:module';
import { availableParallelism, cpus, totalmem } from 'node:os';
import { loadAddon } from './addon.js';
import { loadWasmInNode } from './node-wasm.js';
import type { Platform } from './platform.js';

const require = createRequire(import.meta.url);

export const platform: Platform = {
  loadAddon,
  loadWasm: loadWasmInNode,
  async loadJavascriptKernels() {
    // Imported, Node would read the bundle through for names to export, and take four times as long.
    require('@tensorflow/tfjs-backend-cpu');
  },
  describeProcessor: () => cpus()[0]?.model.trim() || `a ${process.arch} processor`,
  availableParallelism,
  totalMemory: totalmem,
};
