import { closeBackends, use } from '@stratajs/core';
import '@tensorflow/tfjs-backend-cpu';
import { engine } from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cpu, type Isa } from '../src/index.js';
import { addon, isas } from './addon.js';
import { agree, bools, integers, native, operand, run } from './both.js';

describe.runIf(addon).each(isas as Isa[])('native kernels on %s', (isa) => {
  beforeAll(async () => {
    await use(cpu({ tier: 'native', isa, threads: 2 }));
    Object.assign(engine().findBackend('cpu'), { firstUse: false });
    native().pool!.poison = true;
  });
  afterAll(closeBackends);

  it.each([
    [
      [3, 4],
      [1, 0],
    ],
    [
      [3, 4],
      [0, 1],
    ],
    [
      [65, 130],
      [1, 0],
    ],
    [
      [16, 2000],
      [1, 0],
    ],
    [
      [2000, 3],
      [1, 0],
    ],
    [
      [2, 3, 4],
      [2, 1, 0],
    ],
    [
      [2, 3, 4],
      [0, 2, 1],
    ],
    [
      [2, 3, 4],
      [1, 0, 2],
    ],
    [
      [2, 5, 6, 7],
      [0, 3, 1, 2],
    ],
    [
      [2, 5, 6, 7],
      [0, 2, 1, 3],
    ],
    [
      [2, 5, 6, 40],
      [3, 1, 2, 0],
    ],
    [
      [1, 5, 1, 7],
      [2, 3, 1, 0],
    ],
    [
      [0, 3],
      [1, 0],
    ],
    [
      [2, 2, 2, 2, 2, 3],
      [5, 3, 1, 0, 2, 4],
    ],
  ])('transpose of %j by %j', (shape, perm) => {
    agree('Transpose', { x: operand(shape, 1) }, { perm });
    agree('Transpose', { x: integers(shape, 2) }, { perm });
    agree('Transpose', { x: bools(shape, 3) }, { perm });
  });

  it('cuts', () => {
    const [x, flags] = [operand([6, 7, 20], 1), bools([6, 7, 20], 2)];
    for (const [begin, size] of [
      [
        [0, 0, 0],
        [6, 7, 20],
      ],
      [
        [2, 0, 0],
        [3, 7, 20],
      ],
      [
        [1, 2, 3],
        [4, 5, 17],
      ],
      [
        [1, 2, 3],
        [-1, 1, -1],
      ],
      [
        [5, 6, 19],
        [1, 1, 1],
      ],
      [
        [0, 0, 0],
        [0, 7, 20],
      ],
    ]) {
      agree('Slice', { x }, { begin, size });
      agree('Slice', { x: flags }, { begin, size });
    }
    const masks = { beginMask: 0, endMask: 0, ellipsisMask: 0, newAxisMask: 0, shrinkAxisMask: 0 };
    agree(
      'StridedSlice',
      { x },
      { ...masks, begin: [0, 1, 2], end: [6, 7, 20], strides: [2, 3, 4] },
    );
    agree(
      'StridedSlice',
      { x },
      { ...masks, begin: [5, 6, 19], end: [0, 1, 2], strides: [-1, -2, -3] },
    );
    agree(
      'StridedSlice',
      { x },
      { ...masks, begin: [1, 0, 0], end: [2, 7, 20], strides: [1, 1, 1], shrinkAxisMask: 1 },
    );
    for (const axis of [0, 1, 2, -1]) {
      const halves = axis === 1 ? [3, 4] : 2;
      agree('SplitV', { x }, { numOrSizeSplits: halves, axis });
      agree('Unpack', { value: x }, { axis });
    }
    for (const dims of [[], [0], [1, 2], [-1]]) agree('Reverse', { x }, { dims });
    agree('Reverse', { x: operand([], 1) }, { dims: [] });
  });

  it('joins', () => {
    for (const axis of [0, 1, 2]) {
      const shapes = [3, 1, 0, 4].map((n) => [2, 5, 3].map((d, i) => (i === axis ? n : d)));
      agree(
        'Concat',
        shapes.map((shape, i) => operand(shape, i)),
        { axis },
      );
      agree(
        'Concat',
        shapes.map((shape, i) => bools(shape, i)),
        { axis },
      );
    }
    agree('Concat', [operand([2, 3], 1), operand([0, 3], 2)], { axis: 0 });
    for (const axis of [0, 1, 2]) {
      agree('Pack', [operand([4, 3], 1), operand([4, 3], 2), operand([4, 3], 3)], { axis });
    }
    agree('Pack', [operand([4, 3], 1)], { axis: -1 });
  });

  it('padding and repetition', () => {
    for (const paddings of [
      [
        [1, 2],
        [0, 3],
        [2, 0],
      ],
      [
        [0, 0],
        [0, 0],
        [0, 0],
      ],
      [
        [0, 0],
        [0, 0],
        [5, 5],
      ],
    ]) {
      agree('PadV2', { x: operand([2, 3, 4], 1) }, { paddings, constantValue: 0.5 });
      agree('PadV2', { x: integers([2, 3, 4], 2) }, { paddings, constantValue: 7 });
    }
    for (const reps of [
      [1, 1, 1],
      [2, 1, 3],
      [1, 5, 1],
      [2, 2, 2],
    ]) {
      agree('Tile', { x: operand([2, 3, 4], 3) }, { reps });
      agree('Tile', { x: bools([2, 3, 4], 4) }, { reps });
    }
    agree('Tile', { x: operand([], 3) }, { reps: [] });
    agree('Tile', { x: operand([1, 1, 50], 3) }, { reps: [20, 30, 1] });
  });

  it('what is long enough for several threads, in one value', () => {
    const paddings = [
      [7, 100],
      [0, 3],
    ];
    agree('PadV2', { x: operand([1000, 37], 1) }, { paddings, constantValue: -0.5 });
    agree('PadV2', { x: integers([1000, 37], 1) }, { paddings, constantValue: -(2 ** 31) });
    agree('PadV2', { x: bools([1000, 37], 1) }, { paddings, constantValue: 1 });
    for (const size of [32_767, 32_768, 100_003]) {
      for (const [dtype, value] of [
        ['float32', -0],
        ['float32', NaN],
        ['int32', 2 ** 31 - 1],
        ['bool', 1],
      ]) {
        agree('Fill', {}, { shape: [size], value, dtype });
      }
    }
    agree('Diag', { x: operand([200], 2) }, {});
  });

  it('picks by index', () => {
    for (const axis of [0, 1, 2]) {
      for (const shape of [[4], [2, 3], []]) {
        const indices = integers(shape, 1, 3);
        agree('GatherV2', { x: operand([3, 5, 17], 2), indices }, { axis, batchDims: 0 });
        agree('GatherV2', { x: integers([3, 5, 17], 2), indices }, { axis, batchDims: 0 });
      }
    }
    const indices = integers([3, 6], 1, 5);
    agree('GatherV2', { x: operand([3, 5, 4], 2), indices }, { axis: 1, batchDims: 1 });
    const segmentIds = integers([40], 3, 6);
    for (const rest of [[], [1], [3], [4, 20]]) {
      const x = operand([40, ...rest], 4);
      agree(
        'UnsortedSegmentSum',
        { x, segmentIds },
        { numSegments: 6 },
        { tolerance: 1e-6, floor: 1 },
      );
    }
    for (const dtype of ['float32', 'int32', 'bool']) {
      const attrs = { depth: 4, onValue: 1, offValue: 0, dtype };
      agree('OneHot', { indices: integers([3, 5], 5, 6) }, attrs);
    }
    agree(
      'OneHot',
      { indices: { shape: [3], values: [-1, 0, 9], dtype: 'int32' } },
      { depth: 2, onValue: 5, offValue: -1, dtype: 'float32' },
    );
  });

  it('an index outside the axis is named', () => {
    const wrong = { shape: [2], values: [0, 3], dtype: 'int32' } as const;
    expect(() =>
      run('strata-cpu', 'GatherV2', { x: operand([3, 2], 1), indices: wrong }, { axis: 0 }),
    ).toThrow(/index value 3 is not in \[0, 2\]/);
  });

  it('new shapes of the same elements', () => {
    const x = operand([2, 6], 1);
    for (const shape of [[12], [3, -1], [2, 6], [-1], [1, 2, 1, 6]])
      agree('Reshape', { x }, { shape });
    for (const dim of [0, 1, 2, -1, -3]) agree('ExpandDims', { input: x }, { dim });
    for (const shape of [[5], [5, -1], [-1, 0]]) {
      expect(() => run('strata-cpu', 'Reshape', { x }, { shape })).toThrow();
    }
  });
});
