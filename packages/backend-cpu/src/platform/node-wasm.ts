import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import {
  fileOf,
  hasSimd,
  startProgram,
  type WasmFactory,
  type WasmProgram,
} from '../wasm/program.js';

const PACKAGE = '@tensorflow/tfjs-backend-wasm';
const require = createRequire(import.meta.url);

/** `Platform.loadWasm` where files are read and packages are resolved. */
export async function loadWasmInNode(
  folder: string | undefined,
  _threads: number,
): Promise<WasmProgram | string> {
  let root: string;
  try {
    root = dirname(require.resolve(`${PACKAGE}/package.json`));
  } catch {
    return `the package ${PACKAGE} is not installed; install its version 4.22.0`;
  }
  const simd = hasSimd();
  const threaded = false;
  const file = join(folder ?? join(root, 'dist'), fileOf({ simd, threaded }));
  let binary: WebAssembly.Module;
  try {
    binary = await WebAssembly.compile(await readFile(file));
  } catch (error) {
    return `${file} cannot be used: ${error instanceof Error ? error.message : String(error)}`;
  }
  // Required as whole files: imported, Node would read them through for names to export.
  require(PACKAGE);
  const factory = require(join(root, 'wasm-out', 'tfjs-backend-wasm.js')) as WasmFactory;
  return { simd, threaded, start: () => keepingListeners(() => startProgram(factory, binary)) };
}

/** Emscripten has every uncaught error end the process in its own way; that is the program's to decide. */
async function keepingListeners<T>(start: () => Promise<T>): Promise<T> {
  const events = ['uncaughtException', 'unhandledRejection'] as const;
  const before = events.map((event) => process.listeners(event as 'uncaughtException'));
  const result = start();
  events.forEach((event, i) => {
    for (const listener of process.listeners(event as 'uncaughtException')) {
      if (!before[i]!.includes(listener)) process.removeListener(event, listener);
    }
  });
  return result;
}
