/// <reference lib="dom" />
import {
  fileOf,
  hasSimd,
  startProgram,
  type WasmConfig,
  type WasmFactory,
  type WasmProgram,
} from '../wasm/program.js';

/** `Platform.loadWasm` where files are fetched. */
export async function loadWasmInBrowser(
  folder: string | undefined,
  threads: number,
): Promise<WasmProgram | string> {
  if (typeof WebAssembly === 'undefined') return 'this browser has none';
  const simd = hasSimd();
  // Memory is shared among threads only on pages that are isolated from other origins.
  const threaded = simd && threads > 1 && globalThis.crossOriginIsolated === true;
  let binary: WebAssembly.Module;
  let address = fileOf({ simd, threaded });
  try {
    address = new URL(address, folderOf(folder)).href;
    const response = await fetch(address, { credentials: 'same-origin' });
    if (!response.ok) throw new Error(`the server answers ${response.status}`);
    binary = await WebAssembly.compile(await response.arrayBuffer());
  } catch (error) {
    const cause = error instanceof Error ? error.message : String(error);
    return (
      `${address} cannot be used: ${cause}. Serve the .wasm files of ` +
      '@tensorflow/tfjs-backend-wasm/dist, and say where with the option wasmPath'
    );
  }
  await import('@tensorflow/tfjs-backend-wasm');
  return { simd, threaded, start: async () => startProgram(...(await partsOf(threaded, binary))) };
}

function folderOf(folder: string | undefined): URL {
  if (folder === undefined) return new URL('./', import.meta.url);
  return new URL(folder, typeof document === 'undefined' ? location.href : document.baseURI);
}

async function partsOf(
  threaded: boolean,
  binary: WebAssembly.Module,
): Promise<[WasmFactory, WebAssembly.Module, WasmConfig]> {
  if (!threaded) {
    const single = await import('@tensorflow/tfjs-backend-wasm/wasm-out/tfjs-backend-wasm.js');
    return [factoryIn(single), binary, {}];
  }
  const main =
    await import('@tensorflow/tfjs-backend-wasm/wasm-out/tfjs-backend-wasm-threaded-simd.js');
  const worker =
    // @ts-expect-error The package has no types for it.
    await import('@tensorflow/tfjs-backend-wasm/wasm-out/tfjs-backend-wasm-threaded-simd.worker.js');
  const factory = factoryIn(main);
  const { wasmWorkerContents } = (worker.default ?? worker) as { wasmWorkerContents: string };
  const script = (text: string): Blob => new Blob([text], { type: 'text/javascript' });
  return [
    factory,
    binary,
    {
      // In the package the code stands in a string, whose escaped line ends have become line ends.
      locateFile: () => URL.createObjectURL(script(wasmWorkerContents.replace(/\n/g, '\\n'))),
      mainScriptUrlOrBlob: script(standalone(factory)),
    },
  ];
}

/**
 * The factory's text, for threads to begin with. It names a variable of the module around it, where the script's address
 * would stand if there were one; bundlers give that variable any name. What is not known there is undefined.
 */
function standalone(factory: WasmFactory): string {
  return `
    var WasmBackendModuleThreadedSimd;
    with (new Proxy({}, { has: (_, name) => !(name in self), get: () => undefined })) {
      WasmBackendModuleThreadedSimd = ${String(factory)};
    }
  `;
}

/** Some bundlers put what a CommonJS module exports under `default`, some twice. */
function factoryIn(module: object): WasmFactory {
  let found: unknown = module;
  while (typeof found === 'object' && found !== null && 'default' in found) found = found.default;
  return found as WasmFactory;
}
