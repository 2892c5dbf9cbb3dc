// Kernels of the WASM tier on negative, infinite and undefined numbers, against tfjs's JavaScript kernels.
import { closeBackends, use } from '@stratajs/core';
import { getKernel, type TensorInfo } from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cpu } from '../src/index.js';
import type { Operand } from './both.js';
import { agrees, wasm } from './wasm.js';

beforeAll(() => use(cpu({ tier: 'wasm' })));
afterAll(closeBackends);

const vector = (...values: number[]): Operand => ({ shape: [values.length], values });
const special = vector(NaN, -3, -0.5, 0, 0.5, 1, 3, -Infinity, Infinity, 7, -7, NaN, 2);
const negative: Operand = { shape: [2, 3], values: [-3, -1, -2, -9, -4, -6] };

describe('element by element', () => {
  it.each([
    'Abs',
    'Ceil',
    'ClipByValue',
    'Elu',
    'Exp',
    'Floor',
    'IsFinite',
    'IsInf',
    'IsNan',
    'LeakyRelu',
    'Neg',
    'Relu',
    'Relu6',
    'Reciprocal',
    'Round',
    'Selu',
    'Sigmoid',
    'Sign',
    'Sqrt',
    'Square',
    'Step',
    'Tanh',
  ])('%s', (kernel) => {
    agrees(kernel, { x: special }, { alpha: 0.1, clipValueMin: -1, clipValueMax: 2 });
  });

  it.each(['Add', 'Sub', 'Multiply', 'RealDiv', 'Equal', 'Greater', 'LessEqual', 'NotEqual'])(
    '%s',
    (kernel) => {
      for (const b of [vector(2), vector(NaN), vector(-Infinity)])
        agrees(kernel, { a: special, b });
    },
  );

  it.each(['Maximum', 'Minimum'])('%s', (kernel) => {
    for (const b of [vector(2), vector(NaN), vector(-Infinity)]) agrees(kernel, { a: special, b });
  });
});

it('Mod of what lies next to a multiple', () => {
  agrees('Mod', { a: vector(-1e-9, 1e-9, -55, 109.99999), b: vector(55) });
});

// A NaN of JavaScript has no sign that one could choose.
it.each(['Abs', 'Ceil', 'Elu', 'Exp', 'LeakyRelu', 'Relu', 'Relu6', 'Sigmoid', 'Tanh'])(
  '%s keeps NaN of either sign',
  (kernel) => {
    const bits = Uint32Array.of(0x7fc00000, 0xffc00000, 0x7f800001, 0xffffffff, 0x7fc00000);
    const backend = wasm();
    const x = backend.makeOutput([5], 'float32', null, new Float32Array(bits.buffer));
    const { kernelFunc } = getKernel(kernel, 'strata-cpu');
    const y = kernelFunc({ inputs: { x }, attrs: { alpha: 0.1 }, backend }) as TensorInfo;
    expect(backend.readSync(y.dataId)).toEqual(new Float32Array(5).fill(NaN));
    for (const { dataId } of [x, y]) backend.disposeData(dataId);
  },
);

it('Prelu of infinite slopes, one per channel or not', () => {
  const slopes = vector(Infinity, -0.5, NaN);
  agrees('Prelu', { x: { shape: [2, 3], values: [1, -2, 3, -1, 2, -0.5] }, alpha: slopes });
  const x: Operand = { shape: [2, 2, 2], values: [-1, 2, -3, 4, -5, -6, 7, -8] };
  for (const alpha of [vector(0.5), vector(0.5, 2), { shape: [2, 1], values: [0.5, 2] }, x])
    agrees('Prelu', { x, alpha });
});

it.each(['Cos', 'Sin', 'Tan', 'Log1p', 'Selu', 'Sign', 'Pow'])('%s of small numbers', (kernel) => {
  // cos(−8), sin(22) and tan(22) lie near a zero.
  for (const v of [1e-45, -1e-39, 1e-8, -1e-8, 1e-3, -8, 22]) {
    agrees(kernel, { x: vector(v), a: vector(1, v), b: vector(NaN, 2) }, {}, 6e-8);
  }
});

describe('reductions', () => {
  it.each(['Max', 'Min', 'Prod', 'Sum', 'Mean', 'ArgMax', 'ArgMin'])('%s', (kernel) => {
    for (const axis of [0, 1]) {
      const axes = kernel.startsWith('Arg')
        ? { axis }
        : { axis: [axis], reductionIndices: [axis], keepDims: false };
      agrees(kernel, { x: negative }, axes);
      agrees(kernel, { x: { shape: [2, 3], values: [1, NaN, 2, -1, Infinity, 3] } }, axes);
    }
  });

  it('Softmax and TopK of negative numbers', () => {
    agrees('Softmax', { logits: negative }, { dim: 1 });
    agrees('TopK', { x: negative }, { k: 2, sorted: true });
  });
});

describe('products keep NaN', () => {
  it.each(['linear', 'relu', 'relu6', 'elu', 'sigmoid'])('before %s', (activation) => {
    const a: Operand = { shape: [1, 3, 2], values: [NaN, 1, -2, 3, 4, -5] };
    const b: Operand = { shape: [1, 2, 3], values: [1, -2, 3, 4, 5, -6] };
    const attrs = { transposeA: false, transposeB: false, activation };
    agrees('_FusedMatMul', { a, b, bias: vector(1, 2, 3) }, attrs);
    const x: Operand = { shape: [1, 3, 3, 1], values: [1, -2, 3, NaN, -4, 2, 5, -1, 0.5] };
    const filter: Operand = { shape: [2, 2, 1, 2], values: [1, -1, 2, -2, 3, 1, 0.5, -3] };
    const layout = { strides: 1, pad: 'valid', dilations: 1, dataFormat: 'NHWC' };
    agrees('FusedConv2D', { x, filter, bias: vector(1, 2) }, { ...layout, activation });
  });
});
