import { closeBackends, use } from '@stratajs/core';
import '@tensorflow/tfjs-backend-cpu';
import { engine } from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cpu, type Isa } from '../src/index.js';
import { addon, isas } from './addon.js';
import { agree, native, operand, run } from './both.js';

describe.runIf(addon).each(isas as Isa[])('native kernels on %s', (isa) => {
  beforeAll(async () => {
    await use(cpu({ tier: 'native', isa, threads: 2 }));
    Object.assign(engine().findBackend('cpu'), { firstUse: false });
    native().pool!.poison = true;
  });
  afterAll(closeBackends);

  it('products of matrices', () => {
    const close = { tolerance: 2e-6, floor: 1 };
    const batches = [
      [[], []],
      [[2], [2]],
      [[3], []],
      [[], [3]],
    ];
    for (const [outerA, outerB] of batches as [number[], number[]][]) {
      for (const transposeA of [false, true]) {
        for (const transposeB of [false, true]) {
          const a = operand([...outerA, ...(transposeA ? [7, 5] : [5, 7])], 1);
          const b = operand([...outerB, ...(transposeB ? [9, 7] : [7, 9])], 2);
          agree('BatchMatMul', { a, b }, { transposeA, transposeB }, close);
        }
      }
    }
    const fused = { a: operand([6, 8], 1), b: operand([8, 10], 2), bias: operand([10], 3) };
    for (const activation of ['linear', 'relu', 'relu6', 'elu', 'sigmoid', null]) {
      agree('_FusedMatMul', fused, { transposeA: false, transposeB: false, activation }, close);
    }
    const attrs = {
      transposeA: false,
      transposeB: false,
      activation: 'leakyrelu',
      leakyreluAlpha: 0.1,
    };
    agree('_FusedMatMul', fused, attrs, close);
    agree('BatchMatMul', { a: operand([0, 4], 1), b: operand([4, 3], 2) }, {}, close);
    agree('BatchMatMul', { a: operand([2, 0], 1), b: operand([0, 3], 2) }, {}, close);
  });

  it('products of batches that repeat along different axes', () => {
    // tfjs's own kernel gives the wrong number of elements here.
    const [a, b] = [operand([2, 1, 2, 3], 1), operand([1, 4, 3, 2], 2)];
    const [y] = run('strata-cpu', 'BatchMatMul', { a, b }, {});
    expect(y!.shape).toEqual([2, 4, 2, 2]);
    for (let z = 0; z < 8; z++) {
      for (let i = 0; i < 4; i++) {
        const [row, column] = [i >> 1, i & 1];
        let sum = 0;
        for (let k = 0; k < 3; k++) {
          sum += a.values[(z >> 2) * 6 + row * 3 + k]! * b.values[(z & 3) * 6 + k * 2 + column]!;
        }
        expect(y!.values[z * 4 + i]).toBeCloseTo(sum, 5);
      }
    }
  });

  it('convolutions and pooling', () => {
    const close = { tolerance: 5e-6, floor: 1 };
    const [x, filter, bias] = [operand([2, 7, 8, 3], 1), operand([3, 2, 3, 5], 2), operand([5], 3)];
    const same = { strides: [2, 1], pad: 'same', dataFormat: 'NHWC', dilations: 1 };
    agree('Conv2D', { x, filter }, same, close);
    agree('Conv2D', { x, filter }, { ...same, strides: 1, dilations: [2, 2] }, close);
    for (const activation of ['linear', 'relu', 'relu6', 'elu', 'sigmoid']) {
      agree('FusedConv2D', { x, filter, bias }, { ...same, activation }, close);
    }
    const explicit = [
      [0, 0],
      [1, 2],
      [0, 1],
      [0, 0],
    ];
    agree('Conv2D', { x, filter }, { ...same, pad: explicit }, close);
    const dy = operand([2, 4, 8, 5], 4);
    agree('Conv2DBackpropInput', { dy, filter }, { ...same, inputShape: [2, 7, 8, 3] }, close);
    agree('Conv2DBackpropFilter', { x, dy }, { ...same, filterShape: [3, 2, 3, 5] }, close);
    // NCHW is left to tfjs.
    const nchw = { ...same, strides: 1, dataFormat: 'NCHW' };
    agree('Conv2D', { x: operand([2, 3, 7, 8], 1), filter }, nchw, { ...close, covered: false });

    const [thin, dz] = [operand([3, 2, 3, 2], 6), operand([2, 4, 8, 6], 7)];
    const [dx, dfilter] = [{ inputShape: [2, 7, 8, 3] }, { filterShape: [3, 2, 3, 2] }];
    agree('DepthwiseConv2dNative', { x, filter: thin }, same, close);
    const fused = { ...same, activation: 'relu6' };
    agree('FusedDepthwiseConv2D', { x, filter: thin, bias: operand([6], 8) }, fused, close);
    agree(
      'DepthwiseConv2dNativeBackpropInput',
      { dy: dz, filter: thin },
      { ...same, ...dx },
      close,
    );
    agree('DepthwiseConv2dNativeBackpropFilter', { x, dy: dz }, { ...same, ...dfilter }, close);

    const windows = { filterSize: [3, 2], strides: [2, 1], pad: 'same' };
    agree('MaxPool', { x }, windows);
    agree('AvgPool', { x }, windows, close);
    const y = operand([2, 4, 8, 3], 5);
    agree('MaxPoolGrad', { dy: y, input: x, output: y }, windows, close);
    agree('AvgPoolGrad', { dy: y, input: x }, windows, close);
    agree('MaxPool', { x }, { filterSize: 1, strides: 1, pad: 'valid' });
  });
});
