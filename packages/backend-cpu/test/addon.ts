// The built addon, called directly. Undefined (with a line that says so) where there is no compiler to build it.
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

type Argument = Float32Array | Int32Array | Uint8Array | number | null;

export interface Addon {
  supported(): string[];
  kernels(isa: string): Record<string, (...values: Argument[]) => void>;
  program(
    isa: string,
    names: readonly string[],
    code: Float64Array,
  ): (buffers: readonly Argument[], late: Float64Array) => void;
  allocate(byteLength: number): ArrayBuffer;
  setThreads(count: number): void;
  threads(): number;
}

function load(): Addon | undefined {
  try {
    const path = fileURLToPath(new URL('../dist/native/strata-cpu.node', import.meta.url));
    return createRequire(import.meta.url)(path) as Addon;
  } catch {
    console.log('native kernels are not tested: the addon is not built here');
    return undefined;
  }
}

export const addon: Addon | undefined = load();

/** The instruction sets to test. Without the addon one stands for all, so that its tests show as skipped. */
export const isas: readonly string[] = addon?.supported() ?? ['an addon that is not built here'];

/** Values in [-1, 1) that look random and are the same each time. */
export function values(length: number, seed: number): Float32Array {
  let state = seed >>> 0;
  return Float32Array.from({ length }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 31 - 1;
  });
}

/** The largest difference, relative to what rounding `terms` products may cost. */
export function error(actual: Float32Array, expected: Float64Array, terms: number): number {
  let worst = actual.length === expected.length ? 0 : Infinity;
  for (let i = 0; i < expected.length; ++i) {
    const difference = Math.abs(actual[i]! - expected[i]!) / (2 ** -24 * (8 + 2 * terms));
    // Written so that NaN counts as an error.
    if (!(difference <= worst)) worst = difference;
  }
  return worst;
}

/** The kernels of an instruction set; none without the addon, whose tests are defined, too, but not run. */
export function kernelsOf(isa: string): ReturnType<Addon['kernels']> {
  return addon ? addon.kernels(isa) : {};
}
