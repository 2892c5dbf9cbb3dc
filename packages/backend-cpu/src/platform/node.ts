import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { availableParallelism, cpus, totalmem } from 'node:os';
import { fileURLToPath } from 'node:url';
import type { Addon } from '../native.js';
import { loadWasmInNode } from './node-wasm.js';
import type { Platform } from './platform.js';

const require = createRequire(import.meta.url);
// The same place seen from src/platform (tests) and from dist/platform.
const addon = new URL('../../dist/native/strata-cpu.node', import.meta.url);

export const platform: Platform = {
  loadAddon() {
    const path = fileURLToPath(addon);
    if (!existsSync(path)) {
      return (
        `the native addon is not built (${path} is missing); ` +
        'building this package makes it where a C++ compiler is installed'
      );
    }
    try {
      return require(path) as Addon;
    } catch (error) {
      return `the native addon does not load: ${error instanceof Error ? error.message : String(error)}`;
    }
  },
  loadWasm: loadWasmInNode,
  async loadJavascriptKernels() {
    // Imported, Node would read the bundle through for names to export, and take four times as long.
    require('@tensorflow/tfjs-backend-cpu');
  },
  describeProcessor: () => cpus()[0]?.model.trim() || `a ${process.arch} processor`,
  availableParallelism,
  totalMemory: totalmem,
};
