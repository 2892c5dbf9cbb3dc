import type { KernelFunc, TensorInfo } from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { flatSelect } from './flat-select.js';

type Shape = readonly number[];

/** The shapes that the kernel beneath is given, and the shape of the result. */
function shapes(condition: Shape, operands: Shape): { beneath: unknown; result: Shape } {
  let beneath: unknown;
  const kernel = flatSelect(({ inputs }) => {
    beneath = Object.values(inputs).map((x) => (x as TensorInfo).shape);
    return { ...(inputs['t'] as TensorInfo) };
  });
  const info = (shape: Shape, dataId: object): TensorInfo => ({
    shape: [...shape],
    dtype: 'float32',
    dataId,
  });
  const inputs = { condition: info(condition, {}), t: info(operands, {}), e: info(operands, {}) };
  const result = kernel({ inputs, attrs: {}, backend: {} } as Parameters<KernelFunc>[0]);
  return { beneath, result: (result as TensorInfo).shape };
}

it('sees tensors of more than four axes as lines', () => {
  const shape = [2, 1, 3, 2, 2];
  expect(shapes(shape, shape)).toEqual({ beneath: [[24], [24], [24]], result: shape });
});

it.each([
  [
    [2, 3],
    [2, 3],
  ],
  [[2], [2, 1, 3, 2, 2]],
])('leaves %j for %j as they are', (condition, operands) => {
  expect(shapes(condition, operands)).toEqual({
    beneath: [condition, operands, operands],
    result: operands,
  });
});
