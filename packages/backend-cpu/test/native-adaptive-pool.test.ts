// Adaptive pools against loops in JavaScript.
import { closeBackends, use } from '@stratajs/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cpu, type Isa } from '../src/index.js';
import { addon, isas } from './addon.js';
import { native, operand, run, sizeOf } from './both.js';

const CASES = [
  [
    [2, 5, 7, 3],
    [2, 3],
  ],
  [
    [1, 6, 6, 17],
    [3, 3],
  ],
  [
    [2, 4, 5, 16],
    [1, 1],
  ],
  [
    [1, 3, 2, 33],
    [7, 5],
  ],
  [
    [3, 8, 8, 150],
    [5, 8],
  ],
  [
    [0, 4, 4, 8],
    [2, 2],
  ],
  [
    [2, 4, 4, 0],
    [2, 2],
  ],
] as const;

/** For each output in order, the elements of x under its window. */
function windowsOf(shape: readonly number[], outputSize: readonly number[]): number[][] {
  const [batch, height, width, channels] = shape as [number, number, number, number];
  const [outHeight, outWidth] = outputSize as [number, number];
  const along = (i: number, inputs: number, outputs: number): number[] => {
    const from = Math.floor((i * inputs) / outputs);
    return Array.from(
      { length: Math.ceil(((i + 1) * inputs) / outputs) - from },
      (_, k) => from + k,
    );
  };
  const all: number[][] = [];
  for (let b = 0; b < batch; b++) {
    for (let i = 0; i < outHeight; i++) {
      for (let j = 0; j < outWidth; j++) {
        for (let c = 0; c < channels; c++) {
          const rows = along(i, height, outHeight);
          const columns = along(j, width, outWidth);
          all.push(
            rows.flatMap((h) => columns.map((w) => ((b * height + h) * width + w) * channels + c)),
          );
        }
      }
    }
  }
  return all;
}

describe.runIf(addon).each(isas as Isa[])('adaptive pools on %s', (isa) => {
  beforeAll(async () => {
    await use(cpu({ tier: 'native', isa, threads: 2 }));
    native().pool!.poison = true;
  });
  afterAll(closeBackends);

  it.each(CASES)('%j to %j, one thread and four', (shape, outputSize) => {
    const attrs = { inputSize: shape.slice(1, 3), outputSize };
    const outShape = [shape[0], ...outputSize, shape[3]];
    const x = operand(shape, 1);
    const dy = operand(outShape, 2);
    const windows = windowsOf(shape, outputSize);
    const mean = windows.map((w) => w.reduce((sum, i) => sum + x.values[i]!, 0) / w.length);
    const largest = windows.map((w) =>
      w.reduce((best, i) => (x.values[i]! > x.values[best]! ? i : best)),
    );
    const spread = new Float64Array(sizeOf(shape));
    windows.forEach((w, o) => w.forEach((i) => (spread[i]! += dy.values[o]! / w.length)));

    for (const threads of [1, 4]) {
      addon!.setThreads(threads);
      const [average] = run('strata-cpu', 'StrataAdaptiveAvgPool', { x }, attrs);
      const [gradient] = run('strata-cpu', 'StrataAdaptiveAvgPoolGrad', { dy }, attrs);
      const [maxima, indices] = run('strata-cpu', 'StrataAdaptiveMaxPool', { x }, attrs);
      for (const made of [average, maxima, indices]) {
        expect(made).toMatchObject({ shape: outShape, pooled: true });
      }
      expect(gradient).toMatchObject({ shape: [...shape], pooled: true });
      expectClose(average!.values, mean);
      expectClose(gradient!.values, spread);
      expect([...indices!.values]).toEqual(largest);
      expect([...maxima!.values]).toEqual(largest.map((i) => x.values[i]));
    }
    addon!.setThreads(2);
  });
});

function expectClose(actual: ArrayLike<number>, expected: ArrayLike<number>): void {
  expect(actual.length).toBe(expected.length);
  for (let i = 0; i < expected.length; i++) {
    expect(Math.abs(actual[i]! - expected[i]!), `element ${i}`).toBeLessThan(2e-6);
  }
}
