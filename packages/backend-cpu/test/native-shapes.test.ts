import { closeBackends, use } from '@stratajs/core';
import '@tensorflow/tfjs-backend-cpu';
import { engine } from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cpu, type Isa } from '../src/index.js';
import { addon } from './addon.js';
import { agree, bools, integers, native, operand, run } from './both.js';

const REDUCTIONS: readonly (readonly [number[], number[]])[] = [
  [[], []],
  [[1], [0]],
  [[7], [0]],
  [[100], [0]],
  [[70000], [0]],
  [[5, 7], [0]],
  [[5, 7], [1]],
  [
    [5, 7],
    [0, 1],
  ],
  [[40, 33], [0]],
  [[40, 33], [1]],
  [[3, 40000], [1]],
  [[40000, 3], [0]],
  [[3000, 31], [0]],
  [[700, 600], [0]],
  [[2, 3000, 70], [1]],
  [
    [4, 5, 6],
    [0, 2],
  ],
  [[4, 5, 6], [1]],
  [
    [2, 3, 4, 5],
    [0, 1, 2],
  ],
  [
    [2, 3, 4, 5],
    [1, 3],
  ],
  [
    [2, 1, 4, 1],
    [1, 3],
  ],
  [
    [2, 1, 4, 1],
    [0, 1],
  ],
  [[3, 5], []],
];

describe.runIf(addon).each((addon?.supported() ?? []) as Isa[])('native kernels on %s', (isa) => {
  beforeAll(async () => {
    await use(cpu({ tier: 'native', isa, threads: 2 }));
    Object.assign(engine().findBackend('cpu'), { firstUse: false });
    native().pool!.poison = true;
  });
  afterAll(closeBackends);

  it.each(REDUCTIONS)('reductions of %j along %j', (shape, axis) => {
    const x = operand(shape, 1);
    for (const keepDims of [false, true]) {
      const attrs = { axis, keepDims };
      // Sums that cancel are compared with their terms.
      agree('Sum', { x }, attrs, { tolerance: 1e-6, floor: 10 });
      agree('Mean', { x }, attrs, { tolerance: 1e-6, floor: 1 });
      agree('Max', { x }, { reductionIndices: axis, keepDims });
      agree('Min', { x }, attrs);
      const near1 = { ...x, values: Array.from(x.values, (v) => 1 + v / 1000) };
      agree('Prod', { x: near1 }, attrs, { tolerance: 1e-6 });
      agree('Sum', { x: integers(shape, 2, 1000) }, attrs);
      agree('Sum', { x: bools(shape, 3) }, attrs);
      agree('Max', { x: integers(shape, 4, 1000) }, { reductionIndices: axis, keepDims });
      agree('Min', { x: integers(shape, 5, 1000) }, attrs);
    }
  });

  it('sums are those of float64', () => {
    const values = Float32Array.from({ length: 100_003 }, (_, i) => 1 / (i + 1));
    const exact = values.reduce((sum, v) => sum + v, 0);
    const [y] = run('strata-cpu', 'Sum', { x: { shape: [100_003], values } }, { axis: [0] });
    expect(y!.values[0]).toBe(Math.fround(exact));
  });

  it('a NaN or an infinity anywhere decides', () => {
    for (const odd of [NaN, Infinity, -Infinity]) {
      for (const at of [0, 5, 16, 40, 99]) {
        const values = Array.from(operand([100], 1).values);
        values[at] = odd;
        const x = { shape: [100], values };
        const columns = { shape: [10, 10], values };
        for (const kernel of ['Sum', 'Mean', 'Prod', 'Min']) {
          agree(kernel, { x }, { axis: [0] }, { tolerance: 1e-4 });
          agree(kernel, { x: columns }, { axis: [0] }, { tolerance: 1e-4 });
        }
        agree('Max', { x }, { reductionIndices: [0] });
        agree('Max', { x: columns }, { reductionIndices: [0] });
      }
    }
  });

  it('positions of extremes', () => {
    for (const [shape, axis] of [
      [[1], 0],
      [[50], 0],
      [[7, 33], 0],
      [[7, 33], 1],
      [[2, 5, 40], 1],
      [[2, 5, 3], -1],
    ] as const) {
      agree('ArgMax', { x: operand(shape, 1) }, { axis });
      agree('ArgMin', { x: operand(shape, 2) }, { axis });
      // Few values: ties.
      const ties = integers(shape, 3, 3).values;
      agree('ArgMax', { x: { shape, values: ties } }, { axis });
      agree('ArgMin', { x: { shape, values: ties } }, { axis });
    }
    for (const values of [
      [NaN, 1, 2],
      [1, NaN, 2],
      [1, 2, NaN],
    ]) {
      agree('ArgMax', { x: { shape: [3], values } }, { axis: 0 });
    }
  });

  it.each([[[5]], [[3, 1]], [[4, 10]], [[130, 16]], [[2, 3, 100]], [[2, 1000]]])(
    'softmax of %j',
    (shape) => {
      agree('Softmax', { logits: operand(shape, 1, 5) }, { dim: -1 }, { tolerance: 2e-6 });
      const far = operand(shape, 2, 500);
      agree('Softmax', { logits: far }, { dim: shape.length - 1 }, { tolerance: 2e-6 });
    },
  );

  it('softmax of masked rows', () => {
    const values = [1, -Infinity, 2, -1e9, -Infinity, -Infinity, 0, 0];
    agree('Softmax', { logits: { shape: [2, 4], values } }, { dim: -1 }, { tolerance: 2e-6 });
  });

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
    agree('_FusedMatMul', fused, attrs, { ...close, covered: false });
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
