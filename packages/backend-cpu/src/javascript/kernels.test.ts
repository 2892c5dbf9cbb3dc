import { MathBackendCPU } from '@tensorflow/tfjs-backend-cpu';
import { getKernel, type KernelFunc, type TensorInfo } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { javascriptKernels } from './kernels.js';

const backend = new MathBackendCPU();
(backend as unknown as { firstUse: boolean }).firstUse = false;
let fellBack: string[] = [];
const tfjs = (name: string): KernelFunc => getKernel(name, 'cpu').kernelFunc;
const own = javascriptKernels((name) => (args) => {
  fellBack.push(name);
  return tfjs(name)(args);
});

let state = 1;
const next = (): number => {
  state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
  return state / 2 ** 31 - 1;
};
const tensor = (shape: number[], dtype: 'float32' | 'int32' = 'float32'): TensorInfo => {
  const size = shape.reduce((a, b) => a * b, 1);
  const values = Float32Array.from({ length: size }, next);
  return backend.makeTensorInfo(
    shape,
    dtype,
    dtype === 'int32' ? Int32Array.from(values, (v) => 9 * v) : values,
  );
};

/** Runs both kernels, and compares every element. */
function same(
  name: string,
  inputs: Record<string, TensorInfo>,
  attrs: Record<string, unknown>,
  falls = false,
): void {
  fellBack = [];
  const args = { inputs, attrs, backend } as Parameters<KernelFunc>[0];
  const mine = own[name]!(args) as TensorInfo;
  const theirs = tfjs(name)(args) as TensorInfo;
  expect(mine.shape).toEqual(theirs.shape);
  const [a, b] = [mine, theirs].map((t) => backend.readSync(t.dataId) as Float32Array);
  let worst = 0;
  for (let i = 0; i < b!.length; i++) worst = Math.max(worst, Math.abs(a![i]! - b![i]!));
  expect(worst).toBeLessThan(1e-4);
  expect(fellBack.length > 0).toBe(falls);
}

describe('javascript kernels against those of tfjs', () => {
  it.each([
    [
      [3, 5],
      [5, 7],
    ],
    [
      [1, 1],
      [1, 1],
    ],
    [
      [9, 300],
      [300, 6],
    ],
    [
      [4, 3, 5],
      [4, 5, 2],
    ],
    [
      [1, 3, 5],
      [4, 5, 2],
    ],
    [
      [2, 3, 4, 5],
      [1, 1, 5, 6],
    ],
    [
      [0, 3],
      [3, 4],
    ],
    [
      [3, 0],
      [0, 4],
    ],
  ])('products of %j and %j, in all transpose forms', (a, b) => {
    for (const transposeA of [false, true]) {
      for (const transposeB of [false, true]) {
        const flip = (s: number[], yes: boolean): number[] =>
          yes ? [...s.slice(0, -2), s.at(-1)!, s.at(-2)!] : s;
        const inputs = { a: tensor(flip(a, transposeA)), b: tensor(flip(b, transposeB)) };
        same('BatchMatMul', inputs, { transposeA, transposeB });
        same(
          '_FusedMatMul',
          { ...inputs, bias: tensor([b.at(-1)!]) },
          { transposeA, transposeB, activation: 'linear' },
        );
      }
    }
  });

  const shapes = [
    { x: [2, 7, 6, 3], w: [3, 3, 3, 5], strides: [1, 1], pad: 'same', dilations: [1, 1] },
    { x: [2, 9, 8, 1], w: [5, 4, 1, 6], strides: [2, 1], pad: 'valid', dilations: [1, 1] },
    { x: [1, 9, 9, 4], w: [3, 2, 4, 2], strides: [1, 1], pad: 'same', dilations: [2, 3] },
    { x: [1, 6, 6, 2], w: [3, 3, 2, 3], strides: [2, 2], pad: 1, dilations: [1, 1] },
    { x: [0, 6, 6, 2], w: [3, 3, 2, 3], strides: [1, 1], pad: 'same', dilations: [1, 1] },
  ] as const;

  it.each(shapes)(
    'convolution of $x by $w, strides $strides, padding $pad',
    ({ x, w, ...rest }) => {
      const attrs = { ...rest, dataFormat: 'NHWC' };
      const inputs = { x: tensor([...x]), filter: tensor([...w]) };
      same('Conv2D', inputs, attrs);
      same('FusedConv2D', { ...inputs, bias: tensor([w[3]]) }, { ...attrs, activation: 'linear' });
      if (rest.dilations[0] !== 1) return; // tfjs's backward kernels take no dilation
      const y = own['Conv2D']!({
        inputs,
        attrs,
        backend,
      } as Parameters<KernelFunc>[0]) as TensorInfo;
      const dy = tensor(y.shape);
      same('Conv2DBackpropInput', { dy, filter: inputs.filter }, { ...attrs, inputShape: [...x] });
      same('Conv2DBackpropFilter', { x: inputs.x, dy }, { ...attrs, filterShape: [...w] });
    },
  );

  it.each(shapes)(
    'depthwise gradients of $x, filter $w, strides $strides, padding $pad',
    ({ x, w, ...rest }) => {
      if (rest.dilations[0] !== 1) return; // tfjs's backward kernels take no dilation
      const [, , , channels] = x;
      for (const multiplier of [1, 2]) {
        const filter = tensor([w[0], w[1], channels, multiplier]);
        const inputs = { x: tensor([...x]), filter };
        const args = { inputs, attrs: rest, backend } as never as Parameters<KernelFunc>[0];
        const dy = tensor((tfjs('DepthwiseConv2dNative')(args) as TensorInfo).shape);
        const name = 'DepthwiseConv2dNativeBackprop';
        same(`${name}Input`, { dy, filter }, { ...rest, inputShape: [...x] });
        same(`${name}Filter`, { x: inputs.x, dy }, { ...rest, filterShape: filter.shape });
      }
    },
  );

  it.each([
    { filterSize: 2, strides: 2, pad: 'valid' },
    { filterSize: [3, 2], strides: [1, 2], pad: 'same' },
    { filterSize: 3, strides: 2, pad: 1 },
  ])('gradient of the greatest in windows of $filterSize', (attrs) => {
    const input = tensor([2, 7, 6, 3]);
    const args = { inputs: { x: input }, attrs, backend } as never as Parameters<KernelFunc>[0];
    const output = tfjs('MaxPool')(args) as TensorInfo;
    same('MaxPoolGrad', { dy: tensor(output.shape), input, output }, attrs);
  });

  it('sums of segments', () => {
    const segmentIds = backend.makeTensorInfo([6], 'int32', Int32Array.from([2, 0, 2, -1, 7, 1]));
    for (const x of [tensor([6, 3]), tensor([6]), tensor([6, 2, 2]), tensor([6, 0])]) {
      same('UnsortedSegmentSum', { x, segmentIds }, { numSegments: 4 });
    }
    const integers = tensor([6, 3], 'int32');
    same('UnsortedSegmentSum', { x: integers, segmentIds }, { numSegments: 4 }, true);
  });

  it('leaves to tfjs what it does not cover', () => {
    const product = { transposeA: false, transposeB: false };
    same('BatchMatMul', { a: tensor([2, 3], 'int32'), b: tensor([3, 2], 'int32') }, product, true);
    same(
      '_FusedMatMul',
      { a: tensor([2, 3]), b: tensor([3, 2]) },
      { ...product, activation: 'relu' },
      true,
    );
    same(
      '_FusedMatMul',
      { a: tensor([2, 3]), b: tensor([3, 2]), bias: tensor([1]) },
      product,
      true,
    );
    const nchw = { strides: 1, pad: 'valid', dilations: 1, dataFormat: 'NCHW' };
    same('Conv2D', { x: tensor([1, 3, 5, 5]), filter: tensor([3, 3, 3, 2]) }, nchw, true);
  });
});
