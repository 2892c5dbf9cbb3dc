// Dilations, projective transformations and rotations of images, against tfjs's own kernels.
import { closeBackends, use } from '@stratajs/core';
import '@tensorflow/tfjs-backend-cpu';
import { engine } from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cpu, type Isa } from '../src/index.js';
import { addon, isas, kernelsOf } from './addon.js';
import { agree, native, type Operand, operand, run, sizeOf } from './both.js';

/** Quarters, whose sums are exact: float64, in which tfjs compares, sees the same ties. */
const quarters = (shape: readonly number[], seed: number): Operand => {
  const { values } = operand(shape, seed);
  return { shape, values: Float32Array.from(values, (v) => Math.round(v * 8) / 4) };
};

const DILATIONS = [
  { x: [2, 6, 7, 3], filter: [3, 3], strides: [1, 1], dilations: [1, 1], pad: 'same' },
  { x: [1, 9, 8, 17], filter: [2, 3], strides: [2, 1], dilations: [2, 2], pad: 'valid' },
  { x: [3, 5, 5, 40], filter: [3, 2], strides: [1, 2], dilations: [1, 2], pad: 'same' },
  { x: [0, 5, 5, 4], filter: [2, 2], strides: [1, 1], dilations: [1, 1], pad: 'valid' },
] as const;

const PROJECTIONS = [
  [1, 0, 0, 0, 1, 0, 0, 0],
  [0.8, -0.3, 1.7, 0.2, 1.1, -2.4, 0.01, 0.02],
  [-1, 0, 30, 0, -2.5, 40, 0, 0],
  [1, 0, -20.5, 0, 1, -13.25, 0, 0],
  [1, 0, 0, 0, 1, 0, -0.5, 0],
];

describe.runIf(addon).each(isas as Isa[])('images on %s', (isa) => {
  beforeAll(async () => {
    await use(cpu({ tier: 'native', isa, threads: 2 }));
    Object.assign(engine().findBackend('cpu'), { firstUse: false });
    native().pool!.poison = true;
  });
  afterAll(closeBackends);

  it.each(DILATIONS)('dilation by $filter, strides $strides, dilations $dilations over $x', (c) => {
    const { x: shape, filter: size, ...attrs } = c;
    const x = quarters(shape, 1);
    const filter = quarters([...size, shape[3]], 2);
    agree('Dilation2D', { x, filter }, attrs);
    const [y] = run('strata-cpu', 'Dilation2D', { x, filter }, attrs);
    const dy = operand(y!.shape, 3);
    if (sizeOf(shape) === 0) return;
    for (const kernel of ['Dilation2DBackpropInput', 'Dilation2DBackpropFilter']) {
      agree(kernel, { x, filter, dy }, attrs, { tolerance: 1e-5, floor: 1 });
      const [one, four] = [1, 4].map((threads) => {
        addon!.setThreads(threads);
        return run('strata-cpu', kernel, { x, filter, dy }, attrs)[0]!.values;
      });
      addon!.setThreads(2);
      expect(one).toEqual(four);
    }
  });

  it.each(['nearest', 'bilinear'])('Transform, %s', (interpolation) => {
    const image = operand([1, 7, 9, 3], 1);
    for (const fillMode of ['constant', 'reflect', 'wrap', 'nearest']) {
      for (const outputShape of [null, [5, 12]]) {
        for (const values of PROJECTIONS) {
          const transforms = { shape: [1, 8], values };
          const attrs = { interpolation, fillMode, fillValue: 0.5, outputShape };
          const rough = { tolerance: 1e-6, floor: 1 };
          // What tfjs says of the shape is the image's.
          if (outputShape === null) agree('Transform', { image, transforms }, attrs, rough);
          else
            expect(run('strata-cpu', 'Transform', { image, transforms }, attrs)[0]!.shape).toEqual([
              1, 5, 12, 3,
            ]);
        }
      }
    }
  });

  it('Transform of a batch is that of each image', () => {
    const images = [operand([1, 4, 5, 2], 1), operand([1, 4, 5, 2], 2)];
    const attrs = {
      interpolation: 'bilinear',
      fillMode: 'reflect',
      fillValue: 0,
      outputShape: null,
    };
    const each = images.map(
      (image, i) =>
        run(
          'strata-cpu',
          'Transform',
          { image, transforms: { shape: [1, 8], values: PROJECTIONS[i + 1]! } },
          attrs,
        )[0]!,
    );
    const image = {
      shape: [2, 4, 5, 2],
      values: images.flatMap(({ values }) => [...(values as Float32Array)]),
    };
    const transforms = { shape: [2, 8], values: PROJECTIONS.slice(1, 3).flat() };
    const [both] = run('strata-cpu', 'Transform', { image, transforms }, attrs);
    expect([...both!.values]).toEqual(each.flatMap(({ values }) => [...values]));
  });

  it('RotateWithOffset', () => {
    for (const [shape, fillValue] of [
      [[2, 6, 5, 3], 0.25],
      [
        [1, 8, 8, 4],
        [10, 20, 30],
      ],
      [[0, 8, 8, 3], 0],
    ] as const) {
      for (const radians of [0, 0.3, Math.PI / 2, -2.5]) {
        for (const center of [0.5, [0.2, 0.7]]) {
          agree('RotateWithOffset', { image: operand(shape, 1) }, { radians, fillValue, center });
        }
      }
    }
  });

  it('refuses arrays that are too short', () => {
    const { transform, rotate, dilation2d } = kernelsOf(isa);
    const refused = expect.objectContaining({ code: 'STRATA_BAD_ARGUMENT' });
    const [four, three] = [new Float32Array(4), new Float32Array(3)];
    expect(() => transform!(four, three, four, 1, 2, 2, 1, 2, 2, 1, 0, 0, 0)).toThrow(refused);
    expect(() => rotate!(three, four, four, 1, 2, 2, 1, 0, 1, 0, 0)).toThrow(refused);
    const sizes = Int32Array.of(1, 2, 2, 1, 2, 2, 1, 1, 1, 1, 1, 1, 0, 0);
    expect(() => dilation2d!(four, four, three, sizes)).toThrow(refused);
  });
});
