// Pools against tfjs's own kernels, and where those are wrong against loops in JavaScript.
import { closeBackends, use } from '@stratajs/core';
import '@tensorflow/tfjs-backend-cpu';
import { backend_util, engine } from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cpu, type Isa } from '../src/index.js';
import { addon, isas, kernelsOf } from './addon.js';
import { agree, native, type Operand, operand, run, sizeOf } from './both.js';

/** Few different values, so that windows have ties. */
const ties = (shape: readonly number[], seed: number): Operand => {
  const { values } = operand(shape, seed);
  return { shape, values: Float32Array.from(values, (v) => Math.round(v * 3) / 4) };
};

const FLAT = [
  { x: [2, 6, 6, 3], filterSize: [2, 2], strides: [2, 2], pad: 'valid' },
  { x: [3, 28, 28, 6], filterSize: [2, 2], strides: [2, 2], pad: 'valid' },
  { x: [1, 7, 5, 17], filterSize: [3, 3], strides: [2, 2], pad: 'same' },
  { x: [2, 5, 8, 33], filterSize: [3, 2], strides: [1, 1], pad: 'same' },
  { x: [1, 9, 9, 150], filterSize: [3, 3], strides: [2, 2], pad: 'valid' },
  { x: [2, 9, 9, 16], filterSize: [2, 3], strides: [3, 4], pad: 'valid' },
  { x: [1, 4, 4, 2], filterSize: [3, 3], strides: [1, 1], pad: 1 },
  { x: [2, 4, 4, 8], filterSize: [4, 4], strides: [4, 4], pad: 'valid' },
  { x: [0, 4, 4, 8], filterSize: [2, 2], strides: [2, 2], pad: 'valid' },
  { x: [2, 4, 4, 0], filterSize: [2, 2], strides: [2, 2], pad: 'valid' },
] as const;

const DEEP = [
  { x: [2, 4, 4, 4, 3], filterSize: [2, 2, 2], strides: [2, 2, 2], pad: 'valid' },
  { x: [1, 5, 6, 7, 17], filterSize: [2, 3, 1], strides: [1, 2, 2], pad: 'same' },
  { x: [1, 3, 5, 4, 33], filterSize: [3, 3, 3], strides: [1, 1, 1], pad: 'same' },
  { x: [2, 6, 5, 5, 70], filterSize: [3, 2, 2], strides: [2, 1, 1], pad: 'valid' },
  { x: [0, 4, 4, 4, 8], filterSize: [2, 2, 2], strides: [2, 2, 2], pad: 'valid' },
] as const;

type Case = (typeof FLAT)[number] | (typeof DEEP)[number];

/** For each output, the elements of x under its window, in order. */
function taps({ x: shape, filterSize, strides, pad }: Case): {
  outShape: number[];
  windows: number[][];
} {
  const deep = shape.length === 5;
  const info = deep
    ? backend_util.computePool3DInfo(
        [...shape] as never,
        filterSize as never,
        strides as never,
        1,
        pad as 'valid',
      )
    : backend_util.computePool2DInfo(
        [...shape] as never,
        filterSize as never,
        strides as never,
        1,
        pad,
      );
  const padInfo = info.padInfo as { front?: number; top: number; left: number };
  const [batch, ...rest] = shape as readonly number[];
  const channels = rest.at(-1)!;
  const inner = deep ? rest.slice(0, 3) : [1, ...rest.slice(0, 2)];
  const filter = deep ? filterSize : [1, ...filterSize];
  const steps = deep ? strides : [1, ...strides];
  const before = [padInfo.front ?? 0, padInfo.top, padInfo.left];
  const out = deep ? info.outShape.slice(1, 4) : [1, ...info.outShape.slice(1, 3)];
  const windows: number[][] = [];
  for (let b = 0; b < batch!; b++) {
    for (const [d, h, w] of grid(out)) {
      for (let c = 0; c < channels; c++) {
        const window: number[] = [];
        for (const offset of grid(filter)) {
          const at = [d!, h!, w!].map((o, i) => o * steps[i]! - before[i]! + offset[i]!);
          if (at.some((p, i) => p < 0 || p >= inner[i]!)) continue;
          const row = at.reduce((sum, p, i) => sum * inner[i]! + p, b);
          window.push(row * channels + c);
        }
        windows.push(window);
      }
    }
  }
  return { outShape: info.outShape, windows };
}

function grid(sizes: readonly number[]): number[][] {
  return sizes.reduce<number[][]>(
    (all, n) => all.flatMap((at) => Array.from({ length: n }, (_, i) => [...at, i])),
    [[]],
  );
}

/** The position of the first largest of a window. */
const firstMax = (window: readonly number[], x: ArrayLike<number>): number =>
  window.reduce((best, i) => (x[i]! > x[best]! ? i : best), window[0]!);

describe.runIf(addon).each(isas as Isa[])('pools on %s', (isa) => {
  beforeAll(async () => {
    await use(cpu({ tier: 'native', isa, threads: 2 }));
    Object.assign(engine().findBackend('cpu'), { firstUse: false });
    native().pool!.poison = true;
  });
  afterAll(closeBackends);

  it.each([...FLAT, ...DEEP])('window $filterSize, strides $strides, padding $pad over $x', (c) => {
    const { x: shape, ...attrs } = c;
    const deep = shape.length === 5 ? '3D' : '';
    const { outShape, windows } = taps(c);
    const [x, dy] = [ties(shape, 1), operand(outShape, 2)];
    const mean = { tolerance: 1e-6, floor: 1 };
    agree(`MaxPool${deep}`, { x }, attrs);
    agree(`AvgPool${deep}`, { x }, attrs, mean);
    agree(`AvgPool${deep}Grad`, { dy, input: x }, attrs, mean);

    const expected = new Float64Array(sizeOf(shape));
    windows.forEach((window, i) => (expected[firstMax(window, x.values)]! += dy.values[i]!));
    const inputs = { dy, input: x, output: operand(outShape, 3) };
    for (const threads of [1, 4]) {
      addon!.setThreads(threads);
      const [dx] = run('strata-cpu', `MaxPool${deep}Grad`, inputs, attrs);
      expect(dx).toMatchObject({ shape: [...shape], pooled: true });
      dx!.values.forEach((v, i) => expect(Math.abs(v - expected[i]!)).toBeLessThan(1e-5));
    }
    addon!.setThreads(2);
  });

  it.each(FLAT)('indices of the maxima: window $filterSize, padding $pad over $x', (c) => {
    const { x: shape, ...attrs } = c;
    const x = ties(shape, 1);
    for (const includeBatchInIndex of [false, true]) {
      agree('MaxPoolWithArgmax', { x }, { ...attrs, includeBatchInIndex });
    }
  });

  it('passes over NaN, as tfjs does', () => {
    const attrs = { filterSize: [2, 2], strides: [1, 1], pad: 'valid', includeBatchInIndex: false };
    const x = { shape: [1, 2, 2, 1], values: [NaN, 2, 1, NaN] };
    agree('MaxPool', { x }, attrs);
    agree('MaxPoolWithArgmax', { x }, attrs);
    const nothing = { shape: [1, 2, 2, 1], values: [NaN, -Infinity, -Infinity, NaN] };
    const [value, index] = run('strata-cpu', 'MaxPoolWithArgmax', { x: nothing }, attrs);
    expect([value!.values[0], index!.values[0]]).toEqual([-Infinity, 0]);
  });

  it('refuses arrays that are too short, and windows outside the image', () => {
    const { maxPool, avgPool } = kernelsOf(isa);
    const sizes = Int32Array.of(1, 1, 4, 4, 1, 1, 2, 2);
    const spans = Int32Array.of(0, 1, 0, 2, 2, 4, 0, 2, 2, 4);
    const refused = expect.objectContaining({ code: 'STRATA_BAD_ARGUMENT' });
    const [x, y] = [new Float32Array(16), new Float32Array(4)];
    expect(() => maxPool!(new Float32Array(15), y, sizes, spans)).toThrow(refused);
    expect(() => avgPool!(x, new Float32Array(3), sizes, spans)).toThrow(refused);
    expect(() => maxPool!(x, y, sizes, spans.subarray(2))).toThrow(refused);
    for (const [at, wrong] of [
      [5, 5],
      [2, -1],
      [4, 5],
    ] as const) {
      const bad = Int32Array.from(spans);
      bad[at] = wrong;
      expect(() => maxPool!(x, y, sizes, bad)).toThrow(refused);
    }
  });
});
