// Runs one kernel on the native engine and on tfjs's own JavaScript, on the same inputs.
import { engine, getKernel, type KernelFunc, type TensorInfo } from '@tensorflow/tfjs-core';
import { expect } from 'vitest';
import type { StrataCpuBackend } from '../src/backend.js';

export interface Operand {
  readonly shape: readonly number[];
  readonly values: ArrayLike<number>;
  /** Default float32. */
  readonly dtype?: 'float32' | 'int32' | 'bool';
}

export type Operands = Readonly<Record<string, Operand>> | readonly Operand[];

export interface Result {
  readonly shape: number[];
  readonly dtype: string;
  readonly values: Float32Array | Int32Array | Uint8Array;
  /** Whether native code made it: it lies in pooled memory, or is an input. */
  readonly pooled: boolean;
}

export const native = (): StrataCpuBackend =>
  engine().findBackend('strata-cpu') as StrataCpuBackend;

const arrays = { float32: Float32Array, int32: Int32Array, bool: Uint8Array };

/** Runs `kernel` on the engine `name`; leaves no data behind, nor does the kernel. */
export function run(name: string, kernel: string, inputs: Operands, attrs: object): Result[] {
  const backend = engine().findBackend(name) as StrataCpuBackend;
  const before = backend.numDataIds();
  // Some kernels of tfjs read the rank, which only its tensors have.
  const upload = ({ shape, values, dtype = 'float32' }: Operand): TensorInfo =>
    Object.assign(backend.makeTensorInfo([...shape], dtype, arrays[dtype].from(values)), {
      rank: shape.length,
    });
  const infos = Array.isArray(inputs)
    ? inputs.map(upload)
    : Object.fromEntries(Object.entries(inputs).map(([key, x]) => [key, upload(x as Operand)]));
  const { kernelFunc } = getKernel(kernel, name);
  const made = kernelFunc({ inputs: infos, attrs, backend } as Parameters<KernelFunc>[0]);
  const outputs = Array.isArray(made) ? made : [made];
  const results = outputs.map(({ dataId, shape, dtype }) => ({
    shape: [...shape],
    dtype,
    values: backend.readSync(dataId) as Result['values'],
    pooled:
      Boolean(backend.data.get(dataId).block) ||
      Object.values(infos).some((x) => x.dataId === dataId),
  }));
  for (const info of [...outputs, ...Object.values(infos)]) backend.disposeData(info.dataId);
  expect(backend.numDataIds(), `${kernel} leaves data behind`).toBe(before);
  return results;
}

/**
 * Expects the native engine to agree with tfjs: shapes, dtypes, integers exactly, float32 within
 * `tolerance`·max(|expected|, floor). NaN and infinities must be where tfjs has them. With `covered`,
 * native code must have made the result.
 */
export function agree(
  kernel: string,
  inputs: Operands,
  attrs: object = {},
  {
    tolerance = 2e-7,
    floor = 1e-30,
    covered = true,
  }: { tolerance?: number; floor?: number; covered?: boolean } = {},
): void {
  const actual = run('strata-cpu', kernel, inputs, attrs);
  const expected = run('cpu', kernel, inputs, attrs);
  expect(actual.length).toBe(expected.length);
  expected.forEach((e, i) => {
    const a = actual[i]!;
    const what = `${kernel} of ${JSON.stringify(Object.values(inputs).map((x) => x.shape))}`;
    if (covered) expect(a.pooled, `${what} is left to JavaScript`).toBe(true);
    expect({ what, shape: a.shape, dtype: a.dtype, length: a.values.length }).toEqual({
      what,
      shape: e.shape,
      dtype: e.dtype,
      length: e.values.length,
    });
    for (let j = 0; j < e.values.length; j++) {
      const [x, y] = [a.values[j]!, e.values[j]!];
      const close =
        Object.is(x, y) || x === y || Math.abs(x - y) <= tolerance * Math.max(Math.abs(y), floor);
      if (!close) expect(x, `${what}, element ${j}`).toBe(y);
    }
  });
}

/** Values in [-scale, scale) that look random and are the same each time. */
export function numbers(length: number, seed: number, scale: number = 2): Float32Array {
  let state = (seed * 2654435761) >>> 0;
  return Float32Array.from({ length }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (state / 2 ** 31 - 1) * scale;
  });
}

export const sizeOf = (shape: readonly number[]): number => shape.reduce((n, d) => n * d, 1);

export function operand(shape: readonly number[], seed: number, scale?: number): Operand {
  return { shape, values: numbers(sizeOf(shape), seed, scale) };
}

export function integers(shape: readonly number[], seed: number, below: number = 10): Operand {
  const values = numbers(sizeOf(shape), seed, 1).map((x) => Math.floor(((x + 1) / 2) * below));
  return { shape, values, dtype: 'int32' };
}

export function bools(shape: readonly number[], seed: number): Operand {
  return { ...integers(shape, seed, 2), dtype: 'bool' };
}
