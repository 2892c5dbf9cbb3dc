// Rows picked and placed by index, against tfjs's own kernels.
import { closeBackends, use } from '@stratajs/core';
import '@tensorflow/tfjs-backend-cpu';
import { engine } from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cpu, type Isa } from '../src/index.js';
import { addon, isas, kernelsOf, values } from './addon.js';
import { agree, bools, integers, native, operand, run } from './both.js';

describe.runIf(addon).each(isas as Isa[])('indexing on %s', (isa) => {
  beforeAll(async () => {
    await use(cpu({ tier: 'native', isa, threads: 2 }));
    Object.assign(engine().findBackend('cpu'), { firstUse: false });
    native().pool!.poison = true;
  });
  afterAll(closeBackends);

  const places = (values: number[][]) =>
    ({ shape: [values.length, values[0]!.length], values: values.flat(), dtype: 'int32' }) as const;
  const twoAxes = places([
    [0, 0],
    [2, 3],
    [2, 3],
    [1, 2],
    [0, 0],
    [0, 3],
  ]);

  it.each([
    { x: [3, 5, 17], indices: [4] },
    { x: [3, 5, 1], indices: [2, 3] },
    { x: [3, 5, 64], indices: [] },
    { x: [3, 0, 4], indices: [2] },
    { x: [3, 5, 4], indices: [0] },
  ])('GatherV2 of $x by $indices along every axis', ({ x, indices }) => {
    const picks = integers(indices, 1, 3);
    for (const axis of [0, 2, -1]) {
      if (axis !== 0 && x[2]! < 3) continue;
      for (const source of [operand(x, 2), integers(x, 3), bools(x, 4)]) {
        agree('GatherV2', { x: source, indices: picks }, { axis, batchDims: 0 });
      }
    }
  });

  it('GatherV2 of batches', () => {
    for (const [batchDims, axis] of [
      [1, 1],
      [1, 2],
      [2, 2],
    ]) {
      const indices = integers([3, 4, 2], 5, 4);
      agree('GatherV2', { x: operand([3, 4, 6, 5], 6), indices }, { axis, batchDims });
      agree('GatherV2', { x: bools([3, 4, 6, 5], 7), indices }, { axis, batchDims });
    }
  });

  it.each([[[3, 4]], [[3, 4, 1]], [[3, 4, 40]], [[3, 4, 2, 5]]])('GatherNd of %j', (shape) => {
    for (const params of [operand(shape, 1), integers(shape, 2), bools(shape, 3)]) {
      agree('GatherNd', { params, indices: twoAxes });
      agree('GatherNd', { params, indices: integers([2, 3, 1], 4, 3) });
      agree('GatherNd', { params, indices: { shape: [0, 1], values: [], dtype: 'int32' } });
    }
  });

  it.each([[[]], [[1]], [[3]], [[40]], [[4, 20]]])('UnsortedSegmentSum of rows %j', (rest) => {
    for (const count of [0, 1, 40, 3000]) {
      const segmentIds = integers([count], 3, 6);
      const attrs = { numSegments: 7 };
      agree('UnsortedSegmentSum', { x: operand([count, ...rest], 4), segmentIds }, attrs, {
        tolerance: 1e-6,
        floor: 1 + count / 6,
      });
      // tfjs gives float32 for int32 here.
      const whole = { x: integers([count, ...rest], 5), segmentIds };
      const [own, theirs] = ['strata-cpu', 'cpu'].map(
        (name) => run(name, 'UnsortedSegmentSum', whole, attrs)[0]!,
      );
      expect(own).toMatchObject({ dtype: 'int32', shape: theirs!.shape, pooled: true });
      expect([...own!.values]).toEqual([...theirs!.values]);
    }
    const away = { shape: [3], values: [-1, 1, 9], dtype: 'int32' } as const;
    agree(
      'UnsortedSegmentSum',
      { x: operand([3, ...rest], 6), segmentIds: away },
      { numSegments: 2 },
    );
  });

  it.each([[[3, 4]], [[3, 4, 1]], [[3, 4, 40]], [[3, 4, 2, 5]]])('ScatterNd into %j', (shape) => {
    for (const indices of [twoAxes, places([[2], [0], [2]])]) {
      const [count, depth] = indices.shape as unknown as [number, number];
      const updates = [count, ...shape.slice(depth)];
      agree('ScatterNd', { indices, updates: operand(updates, 1) }, { shape });
      agree('ScatterNd', { indices, updates: integers(updates, 2) }, { shape });
      const tensor = shape;
      agree('TensorScatterUpdate', {
        tensor: operand(tensor, 3),
        indices,
        updates: operand(updates, 4),
      });
      agree('TensorScatterUpdate', {
        tensor: integers(tensor, 3),
        indices,
        updates: integers(updates, 4),
      });
      agree('TensorScatterUpdate', {
        tensor: bools(tensor, 3),
        indices,
        updates: bools(updates, 4),
      });
    }
  });

  it('SparseToDense with one value or many', () => {
    const list = { shape: [3], values: [4, 0, 2], dtype: 'int32' } as const;
    for (const [make, one] of [
      [operand, { shape: [], values: [0.5] }],
      [integers, { shape: [], values: [7], dtype: 'int32' }],
      [bools, { shape: [], values: [1], dtype: 'bool' }],
    ] as const) {
      for (const sparseValues of [make([3], 1), make([], 2)]) {
        const inputs = { sparseIndices: list, sparseValues, defaultValue: one };
        agree('SparseToDense', inputs, { outputShape: [5] });
      }
      const inputs = { sparseIndices: twoAxes, sparseValues: make([6], 3), defaultValue: one };
      agree('SparseToDense', inputs, { outputShape: [3, 4] });
    }
  });

  it.each([
    ['GatherNd', { params: operand([2, 3], 1), indices: places([[0, 3]]) }, {}],
    ['GatherNd', { params: operand([2, 3], 1), indices: places([[-1, 3]]) }, {}],
    ['ScatterNd', { indices: places([[2]]), updates: operand([1, 3], 1) }, { shape: [2, 3] }],
    [
      'TensorScatterUpdate',
      { tensor: operand([2], 1), indices: places([[-1]]), updates: operand([1], 1) },
      {},
    ],
  ] as const)('%s names an index outside its axis', (kernel, inputs, attrs) => {
    const before = native().numDataIds();
    expect(() => run('strata-cpu', kernel, inputs, attrs)).toThrow(
      new RegExp(`${kernel}: the index value -?\\d is not in \\[0, \\d\\]`),
    );
    // The inputs of run() stay where the kernel throws; nothing of its own does.
    expect(native().numDataIds() - before).toBe(Object.keys(inputs).length);
  });

  it('the same bits from one thread as from four, with many rows and large ones', () => {
    const { gather, segmentSum, scatterUpdate } = kernelsOf(isa);
    const [rows, slice, count] = [500, 64, 40000];
    const table = values(rows * slice, 1);
    const picks = Int32Array.from(values(count, 2), (v) => Math.floor(((v + 1) / 2) * rows));
    const outcomes = [1, 4].map((threads) => {
      addon!.setThreads(threads);
      // 2.5 M elements at a line: streamed.
      const picked = new Float32Array(addon!.allocate(4 * count * slice));
      gather!(table, picks, picked, 1, 1, rows, slice, count);
      const summed = new Float32Array(rows * slice);
      segmentSum!(picked, picks, summed, count, rows, slice);
      const written = new Float32Array(rows * slice);
      const sizes = Int32Array.of(rows);
      scatterUpdate!(picked, picks, sizes, written, count, 1, slice, 0, table, 0);
      return { picked, summed, written };
    });
    addon!.setThreads(2);
    const [one, four] = outcomes;
    const expected = Float32Array.from({ length: count * slice }, (_, i) => {
      return table[picks[Math.floor(i / slice)]! * slice + (i % slice)]!;
    });
    expect(Buffer.from(one!.picked.buffer).equals(Buffer.from(expected.buffer))).toBe(true);
    for (const name of ['picked', 'summed', 'written'] as const) {
      const [a, b] = [one![name], four![name]];
      expect(Buffer.from(a.buffer).equals(Buffer.from(b.buffer)), name).toBe(true);
    }
    expect(one!.written).toEqual(table);
  });

  it('refuses arrays that are too short, and reads nothing then', () => {
    const { gatherNd, scatterAdd, scatterUpdate } = kernelsOf(isa);
    const [x, y] = [new Float32Array(12), new Float32Array(6)];
    const [indices, sizes] = [Int32Array.of(0, 1), Int32Array.of(4)];
    const refused = { code: 'STRATA_BAD_ARGUMENT' };
    expect(() => gatherNd!(x, indices, sizes, y, 2, 1, 4)).toThrow(
      expect.objectContaining(refused),
    );
    expect(() => scatterAdd!(y, indices, sizes, x, 2, 1, 4)).toThrow(
      expect.objectContaining(refused),
    );
    expect(() => scatterUpdate!(y, indices, sizes, x, 2, 1, 3, 0, y, 0)).toThrow(
      expect.objectContaining(refused),
    );
  });
});
