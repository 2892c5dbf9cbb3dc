import type { Addon } from '../native.js';
import type { WasmProgram } from '../wasm/program.js';

/** What the engine asks of the place it runs in. The only code that may import Node lies beside this. */
export interface Platform {
  /** The native addon, or the reason why there is none. */
  loadAddon(): Addon | string;
  /**
   * Registers tfjs's WASM kernels under the name 'wasm', and finds their program; or the reason why there is
   * none.
   *
   * @param folder where the `.wasm` files lie; undefined: where this platform keeps them.
   * @param threads how many threads it is to have, at most.
   */
  loadWasm(folder: string | undefined, threads: number): Promise<WasmProgram | string>;
  /** Registers tfjs's JavaScript kernels under the name 'cpu'. */
  loadJavascriptKernels(): Promise<void>;
  /** The processor, for a person. */
  describeProcessor(): string;
  /** Threads that may run at once. */
  availableParallelism(): number;
  /** Bytes of memory in this machine. */
  totalMemory(): number;
}
