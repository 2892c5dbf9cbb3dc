// Products and convolutions of the WASM tier against tfjs's JavaScript kernels.
import { closeBackends, use } from '@stratajs/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cpu } from '../src/index.js';
import type { Operand } from './both.js';
import { agrees, onWasm, wasm } from './wasm.js';

beforeAll(() => use(cpu({ tier: 'wasm' })));
afterAll(closeBackends);

let state = 1;
const next = (): number => {
  state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
  return state / 2 ** 31 - 1;
};
const random = (...shape: number[]): Operand => ({
  shape,
  values: Float32Array.from({ length: shape.reduce((n, d) => n * d, 1) }, next),
});

describe('products of matrices', () => {
  const forms = [
    [false, false],
    [true, false],
    [false, true],
    [true, true],
  ] as const;

  it.each(forms)('transposeA %s, transposeB %s', (transposeA, transposeB) => {
    const sizes = [
      [1, 1, 1],
      [3, 5, 7],
      [37, 129, 17],
      [64, 1, 33],
    ] as const;
    for (const [m, k, n] of sizes) {
      const a = transposeA ? random(1, k, m) : random(1, m, k);
      const b = transposeB ? random(1, n, k) : random(1, k, n);
      agrees('BatchMatMul', { a, b }, { transposeA, transposeB });
    }
  });

  it('of batches that broadcast', () => {
    const attrs = { transposeA: false, transposeB: false };
    agrees('BatchMatMul', { a: random(6, 5, 4), b: random(6, 4, 3) }, attrs);
    agrees('BatchMatMul', { a: random(6, 5, 4), b: random(1, 4, 3) }, attrs);
    agrees('BatchMatMul', { a: random(1, 5, 4), b: random(6, 4, 3) }, attrs);
    agrees('BatchMatMul', { a: random(2, 3, 5, 4), b: random(2, 3, 4, 3) }, attrs);
    // Along different axes: tfjs's JavaScript has no such product, one matrix after the other is the oracle.
    const [a, b] = [random(3, 1, 2, 4), random(1, 5, 4, 6)];
    const whole = onWasm('BatchMatMul', { a, b }, attrs)[0]!;
    expect(whole.shape).toEqual([3, 5, 2, 6]);
    for (let i = 0; i < 3; i++) {
      for (let j = 0; j < 5; j++) {
        const one = {
          a: { shape: [2, 4], values: (a.values as Float32Array).slice(8 * i, 8 * i + 8) },
          b: { shape: [4, 6], values: (b.values as Float32Array).slice(24 * j, 24 * j + 24) },
        };
        const at = 12 * (5 * i + j);
        expect(onWasm('BatchMatMul', one, attrs)[0]!.values).toEqual(
          whole.values.slice(at, at + 12),
        );
      }
    }
  });

  it('with bias and activation', () => {
    const attrs = { transposeA: false, transposeB: false };
    for (const activation of ['linear', 'relu', 'relu6', 'elu', 'sigmoid', 'leakyrelu']) {
      for (const bias of [random(7), random(1, 7), random(1, 5, 7), random(1)]) {
        const inputs = { a: random(1, 5, 9), b: random(1, 9, 7), bias };
        agrees('_FusedMatMul', inputs, { ...attrs, activation, leakyreluAlpha: 0.3 });
      }
    }
    const prelu = { a: random(1, 5, 9), b: random(1, 9, 7), preluActivationWeights: random(7) };
    agrees('_FusedMatMul', prelu, { ...attrs, activation: 'prelu' });
  });

  it('of integers, and of nothing, on a host copy', () => {
    const attrs = { transposeA: false, transposeB: false };
    const ints = (...shape: number[]): Operand => ({
      shape,
      values: Int32Array.from({ length: shape.reduce((n, d) => n * d, 1) }, () => 9 * next()),
      dtype: 'int32',
    });
    agrees('BatchMatMul', { a: ints(1, 4, 3), b: ints(1, 3, 5) }, attrs);
    agrees('BatchMatMul', { a: random(1, 0, 3), b: random(1, 3, 5) }, attrs);
    agrees('BatchMatMul', { a: random(1, 4, 0), b: random(1, 0, 5) }, attrs);
  });

  it('packs weights anew when their memory holds others', () => {
    const a = random(1, 3, 4);
    const attrs = { transposeA: false, transposeB: false };
    for (let i = 0; i < 20; i++) agrees('BatchMatMul', { a, b: random(1, 4, 5) }, attrs);
  });
});

const layouts: { image: [number, number]; filter: [number, number]; attrs: object }[] = [
  { image: [6, 7], filter: [3, 3], attrs: { strides: 1, pad: 'same' } },
  { image: [6, 7], filter: [3, 2], attrs: { strides: 1, pad: 'valid' } },
  { image: [9, 8], filter: [3, 3], attrs: { strides: 2, pad: 'same' } },
  { image: [9, 8], filter: [2, 3], attrs: { strides: [2, 3], pad: 'valid' } },
  { image: [9, 8], filter: [3, 3], attrs: { strides: 2, pad: 1 } },
  { image: [9, 9], filter: [1, 1], attrs: { strides: 2, pad: 'valid' } },
  { image: [9, 9], filter: [2, 2], attrs: { strides: 4, pad: 'valid' } },
  {
    image: [9, 8],
    filter: [3, 3],
    attrs: {
      strides: 1,
      pad: [
        [0, 0],
        [1, 2],
        [0, 2],
        [0, 0],
      ],
    },
  },
  { image: [9, 10], filter: [3, 3], attrs: { strides: 1, pad: 'same', dilations: 2 } },
  { image: [5, 6], filter: [2, 2], attrs: { strides: 2, pad: 1, dimRoundingMode: 'ceil' } },
];

/** The spatial size of a convolution's result, as the kernel itself gives it. */
const resultOf = (kernel: string, x: Operand, filter: Operand, attrs: object): number[] =>
  onWasm(kernel, { x, filter }, { ...attrs, dataFormat: 'NHWC' })[0]!.shape;

describe.each(layouts)('convolution $image, $filter, $attrs', ({ image, filter, attrs }) => {
  const all = { dilations: 1, dataFormat: 'NHWC', ...attrs };

  it.each([
    [1, 1],
    [3, 4],
    [8, 17],
  ])('%i channels to %i', (inChannels, outChannels) => {
    const x = random(2, ...image, inChannels);
    const w = random(...filter, inChannels, outChannels);
    agrees('Conv2D', { x, filter: w }, all);
    const inputs = { x, filter: w, bias: random(outChannels) };
    agrees('FusedConv2D', inputs, { ...all, activation: 'relu' });
    agrees('FusedConv2D', inputs, { ...all, activation: 'elu' });
    const dy = random(...resultOf('Conv2D', x, w, all));
    // tfjs's JavaScript gradients know no dilation.
    if ('dilations' in attrs) return;
    agrees('Conv2DBackpropInput', { dy, filter: w }, { ...all, inputShape: x.shape });
    agrees('Conv2DBackpropFilter', { x, dy }, { ...all, filterShape: w.shape });
  });

  it.each([
    [1, 1],
    [5, 1],
    [3, 2],
  ])('depthwise, %i channels, multiplier %i', (channels, multiplier) => {
    const x = random(2, ...image, channels);
    const w = random(...filter, channels, multiplier);
    agrees('DepthwiseConv2dNative', { x, filter: w }, all);
    const bias = random(channels * multiplier);
    agrees('FusedDepthwiseConv2D', { x, filter: w, bias }, { ...all, activation: 'relu6' });
    const dy = random(...resultOf('DepthwiseConv2dNative', x, w, all));
    if ('dilations' in attrs) return;
    const name = 'DepthwiseConv2dNativeBackprop';
    agrees(`${name}Input`, { dy, filter: w }, { ...all, inputShape: x.shape });
    agrees(`${name}Filter`, { x, dy }, { ...all, filterShape: w.shape });
  });
});

describe('convolutions, further', () => {
  it('of channels before pixels, on a host copy', () => {
    const attrs = { strides: 1, pad: 'same', dilations: 1, dataFormat: 'NCHW' };
    const [x, filter] = [random(2, 3, 5, 6), random(3, 3, 3, 4)];
    agrees('Conv2D', { x, filter }, attrs);
    const dy = random(2, 4, 5, 6);
    agrees('Conv2DBackpropInput', { dy, filter }, { ...attrs, inputShape: x.shape });
    agrees('Conv2DBackpropFilter', { x, dy }, { ...attrs, filterShape: filter.shape });
  });

  it('leave no packed weights behind', () => {
    const heap = (): number => wasm().wasm.HEAPU8.length;
    const x = random(1, 8, 8, 64);
    const attrs = { strides: 1, pad: 'same', dilations: 1, dataFormat: 'NHWC' };
    const step = (): void => {
      onWasm('Conv2D', { x, filter: random(3, 3, 64, 64) }, attrs);
      onWasm('Conv2DBackpropFilter', { x, dy: x }, { ...attrs, filterShape: [3, 3, 64, 64] });
    };
    for (let i = 0; i < 20; i++) step();
    const before = heap();
    // 300 packed filters would take 44 MiB.
    for (let i = 0; i < 300; i++) step();
    expect(heap()).toBe(before);
  });
});
