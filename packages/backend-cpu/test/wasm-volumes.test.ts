// Pooling and three-dimensional kernels of the WASM tier against tfjs's JavaScript kernels.
import { closeBackends, use } from '@stratajs/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cpu } from '../src/index.js';
import type { Operand } from './both.js';
import { agrees, onWasm } from './wasm.js';

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

/** Where a kernel that starts from 0 is found out. */
const negative = (...shape: number[]): Operand => ({
  shape,
  values: (random(...shape).values as Float32Array).map((v) => v - 1),
});

describe.each([
  { filterSize: 2, strides: 2, pad: 'valid' },
  { filterSize: 3, strides: 1, pad: 'same' },
  { filterSize: 3, strides: 2, pad: 'same' },
  { filterSize: 2, strides: 3, pad: 'valid' },
  { filterSize: 3, strides: 2, pad: 1 },
])('pooling, $filterSize, strides $strides, padding $pad', ({ filterSize, strides, pad }) => {
  it('of images', () => {
    const attrs = { filterSize: [filterSize, filterSize], strides: [strides, strides], pad };
    const x = negative(2, 8, 7, 3);
    const y = onWasm('MaxPool', { x }, attrs)[0]!;
    const dy = random(...y.shape);
    agrees('MaxPool', { x }, attrs);
    agrees('AvgPool', { x }, attrs);
    const output: Operand = { shape: y.shape, values: y.values };
    const withIndices = { ...attrs, includeBatchInIndex: false };
    if (pad !== 1) agrees('MaxPoolWithArgmax', { x }, withIndices);
    agrees('MaxPoolGrad', { dy, input: x, output }, attrs);
    agrees('AvgPoolGrad', { dy, input: x }, attrs);
  });

  it('of volumes', () => {
    const three = (n: number): number[] => [n, n, n];
    const attrs = {
      filterSize: three(filterSize),
      strides: three(strides),
      pad,
      dataFormat: 'NDHWC',
    };
    const x = negative(2, 7, 6, 8, 2);
    const y = onWasm('MaxPool3D', { x }, attrs)[0]!;
    const dy = random(...y.shape);
    agrees('MaxPool3D', { x }, attrs);
    agrees('AvgPool3D', { x }, attrs);
    const output: Operand = { shape: y.shape, values: y.values };
    agrees('MaxPool3DGrad', { dy, input: x, output }, attrs);
    agrees('AvgPool3DGrad', { dy, input: x }, attrs);
  });
});

describe('convolution of volumes', () => {
  it.each([
    [[1, 1, 1], 'same'],
    [[1, 1, 1], 'valid'],
    [[2, 2, 2], 'same'],
    [[2, 2, 2], 'valid'],
    [[1, 2, 1], 'valid'],
    [[3, 1, 2], 'valid'],
  ] as const)('strides %j, padding %s', (strides, pad) => {
    const attrs = { strides: [...strides], pad, dilations: [1, 1, 1], dataFormat: 'NDHWC' };
    const [x, filter] = [random(2, 7, 6, 8, 2), random(3, 2, 3, 2, 4)];
    const { shape } = onWasm('Conv3D', { x, filter }, attrs)[0]!;
    expect(shape.length).toBe(5);
    const dy = random(...shape);
    agrees('Conv3D', { x, filter }, attrs);
    agrees('Conv3DBackpropInputV2', { dy, filter }, { ...attrs, inputShape: x.shape });
    agrees('Conv3DBackpropFilterV2', { x, dy }, { ...attrs, filterShape: filter.shape });
  });
});
