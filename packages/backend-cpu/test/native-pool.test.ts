import { MathBackendCPU } from '@tensorflow/tfjs-backend-cpu';
import { backend_util, getKernel, type KernelFunc, type TensorInfo } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { addon, isas } from './addon.js';

const tfjs = new MathBackendCPU();
(tfjs as unknown as { firstUse: boolean }).firstUse = false;
let state = 7;
const next = (): number => {
  state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
  // Few different values, so that windows have ties.
  return Math.round((state / 2 ** 32) * 12 - 6) / 4;
};
const random = (n: number): Float32Array => Float32Array.from({ length: n }, next);
const info = (shape: number[], values: Float32Array): TensorInfo =>
  tfjs.makeTensorInfo(shape, 'float32', values);
const run = (
  name: string,
  inputs: Record<string, TensorInfo>,
  attrs: Record<string, unknown>,
): Float32Array => {
  const out = getKernel(name, 'cpu').kernelFunc({
    inputs,
    attrs,
    backend: tfjs,
  } as Parameters<KernelFunc>[0]) as TensorInfo;
  return tfjs.readSync(out.dataId) as Float32Array;
};

const cases = [
  { x: [2, 6, 6, 3], window: [2, 2], strides: [2, 2], pad: 'valid' },
  { x: [3, 28, 28, 6], window: [2, 2], strides: [2, 2], pad: 'valid' },
  { x: [1, 7, 5, 17], window: [3, 3], strides: [2, 2], pad: 'same' },
  { x: [2, 5, 8, 33], window: [3, 2], strides: [1, 1], pad: 'same' },
  { x: [2, 9, 9, 16], window: [2, 3], strides: [3, 4], pad: 'valid' },
  { x: [1, 4, 4, 2], window: [3, 3], strides: [1, 1], pad: 1 },
  { x: [2, 4, 4, 8], window: [4, 4], strides: [4, 4], pad: 'valid' },
  { x: [0, 4, 4, 8], window: [2, 2], strides: [2, 2], pad: 'valid' },
] as const;

describe.runIf(addon).each(isas)('native pooling with %s against tfjs', (isa) => {
  it.each(cases)('window $window, strides $strides, padding $pad over $x', (c) => {
    const { maxPool, maxPoolGrad, avgPool, avgPoolGrad } = addon!.kernels(isa);
    const shape = [...c.x] as [number, number, number, number];
    const attrs = {
      filterSize: c.window,
      strides: c.strides,
      pad: c.pad,
      dimRoundingMode: undefined,
    };
    const p = backend_util.computePool2DInfo(shape, [...c.window], [...c.strides], 1, c.pad);
    const sizes = Int32Array.of(
      ...shape,
      p.outHeight,
      p.outWidth,
      p.filterHeight,
      p.filterWidth,
      p.strideHeight,
      p.strideWidth,
      p.padInfo.top,
      p.padInfo.left,
    );
    const size = shape.reduce((a, b) => a * b, 1);
    const outSize = p.outShape.reduce((a, b) => a * b, 1);
    const x = random(size);
    const dy = random(outSize);
    const inputs = { x: info(shape, x), dy: info(p.outShape, dy) };

    for (const threads of [1, 3]) {
      addon!.setThreads(threads);
      const y = new Float32Array(outSize).fill(NaN);
      maxPool!(x, y, sizes);
      expect(y).toEqual(run('MaxPool', { x: inputs.x }, attrs));
      const dx = new Float32Array(size).fill(NaN);
      maxPoolGrad!(dy, x, dx, sizes);
      const grad = { dy: inputs.dy, input: inputs.x };
      expect(dx).toEqual(run('MaxPoolGrad', { ...grad, output: info(p.outShape, y) }, attrs));
      avgPool!(x, y, sizes);
      const mean = run('AvgPool', { x: inputs.x }, attrs);
      expect(y.every((v, i) => Math.abs(v - mean[i]!) < 1e-6)).toBe(true);
      avgPoolGrad!(dy, dx, sizes);
      const spread = run('AvgPoolGrad', grad, attrs);
      expect(dx.every((v, i) => Math.abs(v - spread[i]!) < 1e-6)).toBe(true);
    }
  });

  it('passes over NaN, as tfjs does', () => {
    const x = Float32Array.of(NaN, 2, 1, NaN);
    const y = new Float32Array(1);
    addon!.kernels(isa)['maxPool']!(x, y, Int32Array.of(1, 2, 2, 1, 1, 1, 2, 2, 2, 2, 0, 0));
    expect(y[0]).toBe(2);
  });

  it('refuses arrays that are too short', () => {
    const sizes = Int32Array.of(1, 4, 4, 1, 2, 2, 2, 2, 2, 2, 0, 0);
    expect(() =>
      addon!.kernels(isa)['maxPool']!(new Float32Array(15), new Float32Array(4), sizes),
    ).toThrow();
    expect(() =>
      addon!.kernels(isa)['avgPool']!(new Float32Array(16), new Float32Array(3), sizes),
    ).toThrow();
  });
});
