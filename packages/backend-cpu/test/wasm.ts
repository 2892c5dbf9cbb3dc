// Runs one kernel on the WASM tier and with tfjs's JavaScript, on the same inputs.
import { type KernelFunc, engine, getKernel, type TensorInfo } from '@tensorflow/tfjs-core';
import { expect } from 'vitest';
import { StrataCpuBackend } from '../src/backend.js';
import type { StrataWasmBackend } from '../src/wasm/backend.js';
import type { Operand } from './both.js';

export const wasm = (): StrataWasmBackend => engine().findBackend('strata-cpu') as never;

const arrays = { float32: Float32Array, int32: Int32Array, bool: Uint8Array };
type Values = Float32Array | Int32Array | Uint8Array;
type Attributes = Readonly<Record<string, unknown>>;
type Tensors = Readonly<Record<string, TensorInfo>>;

function call(kernel: string, name: string, inputs: Tensors, attrs: object, backend: object) {
  const { kernelFunc } = getKernel(kernel, name);
  const made = kernelFunc({ inputs, attrs, backend } as never as Parameters<KernelFunc>[0]);
  return Array.isArray(made) ? made : [made];
}

/** Runs a kernel on the WASM tier; it leaves nothing behind in the program's memory. */
export function onWasm(
  kernel: string,
  inputs: Readonly<Record<string, Operand>>,
  attrs: Attributes = {},
): { shape: number[]; dtype: string; values: Values }[] {
  const backend = wasm();
  const before = backend.numDataIds();
  const held = mapValues(inputs, ({ shape, values, dtype = 'float32' }) =>
    backend.makeOutput([...shape], dtype, null, arrays[dtype].from(values)),
  );
  const made = call(kernel, 'strata-cpu', held, attrs, backend);
  const results = made.map(({ dataId, shape, dtype }) => ({
    shape: [...shape],
    dtype,
    values: backend.readSync(dataId) as Values,
  }));
  for (const { dataId } of [...made, ...Object.values(held)]) backend.disposeData(dataId);
  expect(backend.numDataIds(), `${kernel} leaves data behind`).toBe(before);
  return results;
}

/** Expects the WASM tier to agree with tfjs's JavaScript, to `tolerance` of the greatest element. */
export function agrees(
  kernel: string,
  inputs: Readonly<Record<string, Operand>>,
  attrs: Attributes = {},
  tolerance = 2e-6,
): void {
  const mine = onWasm(kernel, inputs, attrs);
  const host = new StrataCpuBackend(null);
  const held = mapValues(inputs, ({ shape, values, dtype = 'float32' }) =>
    host.makeTensorInfo([...shape], dtype, arrays[dtype].from(values)),
  );
  const theirs = call(kernel, 'cpu', held, attrs, host);
  expect(mine.length).toBe(theirs.length);
  theirs.forEach(({ dataId, shape, dtype }, i) => {
    const result = mine[i]!;
    expect(result.shape).toEqual(shape);
    expect(result.dtype).toBe(dtype);
    const expected = host.readSync(dataId) as Values;
    expect(result.values.length).toBe(expected.length);
    const finite = Array.from(expected).filter((v) => Number.isFinite(v));
    const greatest = finite.reduce((m, v) => Math.max(m, Math.abs(v)), 0);
    for (let j = 0; j < expected.length; j++) {
      const difference = Math.abs(result.values[j]! - expected[j]!);
      if (Object.is(result.values[j], expected[j]) || difference <= tolerance * greatest) continue;
      throw new Error(
        `${kernel}: element ${j} is ${result.values[j]}, tfjs has ${expected[j]} (greatest ${greatest}).`,
      );
    }
  });
}

function mapValues<A, B>(record: Readonly<Record<string, A>>, f: (a: A) => B): Record<string, B> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, f(value)]));
}
