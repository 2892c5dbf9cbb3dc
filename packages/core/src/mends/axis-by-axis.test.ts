import { engine, getKernel, type KernelFunc, type Tensor } from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { testEngine } from '../../test/test-engine.js';
import { closeBackends, memory, Rng, tensor, use } from '../index.js';
import { padByAxis, stridedSliceByAxis } from './axis-by-axis.js';

// The JavaScript kernels, which take any number of axes, stand for those of engines with fewer.
const ENGINE = 'test-engine';

beforeAll(() => use(testEngine()));
afterAll(closeBackends);

async function results(
  name: string,
  make: (original: KernelFunc, engine: string) => KernelFunc,
  shape: readonly number[],
  attrs: object,
): Promise<[whole: unknown, byAxis: unknown]> {
  const x = new Rng(1).normal(shape);
  const { kernelFunc } = getKernel(name, ENGINE);
  const before = memory().numTensors;
  const values = [];
  for (const kernel of [kernelFunc, make(kernelFunc, ENGINE)]) {
    const info = kernel({ inputs: { x }, attrs, backend: engine().backend } as never);
    const y = engine().makeTensorFromTensorInfo(info as never) as Tensor;
    values.push({ shape: y.shape, array: await y.array() });
    y.dispose();
  }
  expect(memory().numTensors).toBe(before);
  x.dispose();
  return values as [unknown, unknown];
}

describe('one axis after the other', () => {
  it.each([
    [
      [2, 3, 1, 2, 2],
      [
        [0, 0],
        [1, 2],
        [0, 1],
        [0, 0],
        [3, 0],
      ],
    ],
    [
      [2, 1, 2, 1, 2, 2],
      [
        [1, 1],
        [0, 0],
        [0, 0],
        [2, 0],
        [0, 0],
        [0, 1],
      ],
    ],
  ])('pads %j by %j', async (shape, paddings) => {
    const [whole, byAxis] = await results('PadV2', padByAxis, shape, {
      paddings,
      constantValue: 7,
    });
    expect(byAxis).toEqual(whole);
  });

  const none = { beginMask: 0, endMask: 0, ellipsisMask: 0, newAxisMask: 0, shrinkAxisMask: 0 };
  it.each([
    ['every second', [0, 0, 0, 0, 0], [3, 4, 5, 2, 3], [2, 1, 2, 1, 2], none],
    ['a part', [1, 0, 1, 0, 1], [3, 4, 4, 1, 3], [1, 3, 2, 1, 1], none],
    ['backwards', [2, 3, 4, 1, 2], [0, 0, 1, 0, 1], [-1, -2, -1, -1, -1], none],
    [
      'backwards to the first',
      [2, 3, 4, 1, 2],
      [0, 0, 0, 0, 0],
      [-1, 1, -2, -1, -2],
      { ...none, beginMask: 2, endMask: 31 },
    ],
    ['to nothing', [2, 0, 0, 0, 0], [2, 4, 5, 2, 3], [1, 2, 1, 1, 1], none],
  ])('slices %s', async (_, begin, end, strides, masks) => {
    const attrs = { begin, end, strides, ...masks };
    const [whole, byAxis] = await results(
      'StridedSlice',
      stridedSliceByAxis,
      [3, 4, 5, 2, 3],
      attrs,
    );
    expect(byAxis).toEqual(whole);
  });

  it('leaves up to four axes alone', () => {
    const original = (): never => {
      throw new Error('the original');
    };
    const attrs = { paddings: [[1, 1]], begin: [0], end: [1], strides: [2] };
    const args = { inputs: { x: tensor([1, 2]) }, attrs, backend: engine().backend } as never;
    expect(() => padByAxis(original, ENGINE)(args)).toThrow('the original');
    expect(() => stridedSliceByAxis(original, ENGINE)(args)).toThrow('the original');
  });
});
