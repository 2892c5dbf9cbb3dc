// tfjs's WASM kernels write and read wherever an index leads: the tier lets none outside reach them.
import { closeBackends, use } from '@stratajs/core';
import { backend, engine, gather, ones, tensor, type Tensor } from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cpu } from '../src/index.js';

beforeAll(() => use(cpu({ tier: 'wasm' })));
afterAll(closeBackends);

const ints = (values: number[], shape: number[]): Tensor => tensor(values, shape, 'int32');

describe.each([-1, 3, 50_000_000])('an index of %i on an axis of 3', (bad) => {
  it.each([
    ['GatherNd', () => ({ params: ones([3, 4]), indices: ints([0, bad], [2, 1]) }), {}],
    [
      'ScatterNd',
      () => ({ indices: ints([1, 0, bad, 1], [2, 2]), updates: ones([2, 5]) }),
      { shape: [3, 4, 5] },
    ],
    [
      'TensorScatterUpdate',
      () => ({ tensor: ones([3, 4]), indices: ints([2, bad], [2, 1]), updates: ones([2, 4]) }),
      {},
    ],
    [
      'SparseToDense',
      () => ({
        sparseIndices: ints([bad], [1]),
        sparseValues: ones([1]),
        defaultValue: tensor(0),
      }),
      { outputShape: [3] },
    ],
  ] as const)('%s refuses it, and leaves nothing', (kernel, inputs, attributes) => {
    const others = Array.from({ length: 8 }, (_, i) => ints([i, i, i, i], [4]));
    const given = inputs();
    const before = backend().numDataIds();
    expect(() => engine().runKernel(kernel, given as never, attributes as never)).toThrow();
    expect(backend().numDataIds()).toBe(before);
    others.forEach((t, i) => expect(Array.from(t.dataSync())).toEqual([i, i, i, i]));
    for (const t of [...others, ...Object.values(given)]) t.dispose();
  });
});

it.each(['Bincount', 'DenseBincount'])('%s refuses a negative value', (kernel) => {
  const x = ints([1, -100_000_000, 2], [3]);
  const weights = tensor([], [0]);
  const attributes = { size: 4, binaryOutput: false };
  expect(() => engine().runKernel(kernel, { x, weights }, attributes)).toThrow();
  for (const t of [x, weights]) t.dispose();
});

it.each([
  [3, 4, 1],
  [2, 4, 3],
  [5, 2, 2],
])('GatherV2 of %i batches of %i, %i indices each', (batches, size, count) => {
  const x = tensor(
    Array.from({ length: batches * size }, (_, i) => i),
    [batches, size],
  );
  const picks = Array.from({ length: batches * count }, (_, i) => (i * 7 + 1) % size);
  const y = gather(x, ints(picks, [batches, count]), 1, 1);
  const expected = picks.map((pick, i) => Math.floor(i / count) * size + pick);
  expect(Array.from(y.dataSync())).toEqual(expected);
});
