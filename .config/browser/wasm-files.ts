import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

const programs = ['', '-simd', '-threaded-simd'].map((kind) => `tfjs-backend-wasm${kind}.wasm`);

/**
 * tfjs's WebAssembly programs, under `wasm/`, for a page's server.
 *
 * @param from a module of the package that depends on them.
 */
export function wasmFiles(from: string): Map<string, Uint8Array> {
  const { resolve } = createRequire(from);
  const folder = join(dirname(resolve('@tensorflow/tfjs-backend-wasm/package.json')), 'dist');
  return new Map(programs.map((name) => [`wasm/${name}`, readFileSync(join(folder, name))]));
}
