/**
 * tfjs's kernels in WebAssembly: one of three files, and the Emscripten module function that runs it.
 * tfjs's own `init()` is left out: it finds its files by state of the whole process, and never settles
 * again after it has failed once.
 */

/** What Emscripten makes of a running program; the part that this engine and tfjs's kernels use. */
export interface WasmModule {
  /** All of its memory; another array whenever that has grown. */
  readonly HEAPU8: Uint8Array;
  /** The address of so many bytes; 0 where there are none. */
  _malloc(bytes: number): number;
  _free(address: number): void;
  cwrap(
    name: string,
    returns: 'number' | null,
    takes: readonly ('number' | 'array')[],
  ): (...args: (number | Uint8Array)[]) => number;
  /** Emscripten's workers, where it has threads. */
  readonly PThread?: {
    readonly unusedWorkers: readonly { unref?(): void }[];
    terminateAllThreads(): void;
  };
}

/** The functions that Emscripten's module function calls back, and where threads find their code. */
export interface WasmConfig {
  instantiateWasm?(
    imports: WebAssembly.Imports,
    done: (instance: WebAssembly.Instance, module: WebAssembly.Module) => void,
  ): object;
  locateFile?(path: string): string | URL;
  mainScriptUrlOrBlob?: string | Blob;
}

export type WasmFactory = (config: WasmConfig) => Promise<WasmModule>;

/** A program that can be started here. */
export interface WasmProgram {
  /** Whether it computes four numbers at a time. */
  readonly simd: boolean;
  readonly threaded: boolean;
  start(): Promise<WasmModule>;
}

/** The file of `@tensorflow/tfjs-backend-wasm` that holds a program; threads come with SIMD only. */
export function fileOf({ simd, threaded }: { simd: boolean; threaded: boolean }): string {
  return `tfjs-backend-wasm${threaded ? '-threaded-simd' : simd ? '-simd' : ''}.wasm`;
}

/** Whether WebAssembly knows 128-bit vectors here: it accepts `i8x16.popcnt` of a splat. */
export function hasSimd(): boolean {
  const instructions = [65, 0, 253, 15, 253, 98, 11];
  const header = [0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 10, 1, 8, 0];
  return WebAssembly.validate(new Uint8Array([...header, ...instructions]));
}

/**
 * Starts a compiled program.
 *
 * @throws what instantiation throws.
 */
export function startProgram(
  factory: WasmFactory,
  binary: WebAssembly.Module,
  config: WasmConfig = {},
): Promise<WasmModule> {
  return new Promise((resolve, reject) => {
    const instantiateWasm: WasmConfig['instantiateWasm'] = (imports, done) => {
      WebAssembly.instantiate(binary, imports).then((instance) => done(instance, binary), reject);
      return {};
    };
    factory({ ...config, instantiateWasm }).then(resolve, reject);
  });
}
