// Resizing and crops, against tfjs's own kernels where they are right, else against the transpose of the forward pass.
import { closeBackends, use } from '@stratajs/core';
import '@tensorflow/tfjs-backend-cpu';
import { engine } from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cpu, type Isa } from '../src/index.js';
import { addon, isas, kernelsOf } from './addon.js';
import { agree, integers, native, operand, run } from './both.js';

const ALIGNMENTS = [
  { alignCorners: false, halfPixelCenters: false },
  { alignCorners: true, halfPixelCenters: false },
  { alignCorners: false, halfPixelCenters: true },
];

// From [batch, height, width, channels] to [height, width].
const CASES = [
  [
    [2, 4, 4, 3],
    [8, 8],
  ],
  [
    [1, 7, 5, 17],
    [3, 11],
  ],
  [
    [2, 3, 9, 16],
    [1, 1],
  ],
  [
    [1, 1, 1, 4],
    [5, 2],
  ],
  [
    [3, 6, 6, 33],
    [6, 6],
  ],
  [
    [0, 4, 4, 3],
    [2, 2],
  ],
  [
    [2, 4, 4, 0],
    [2, 2],
  ],
] as const;

describe.runIf(addon).each(isas as Isa[])('resizing on %s', (isa) => {
  beforeAll(async () => {
    await use(cpu({ tier: 'native', isa, threads: 2 }));
    Object.assign(engine().findBackend('cpu'), { firstUse: false });
    native().pool!.poison = true;
  });
  afterAll(closeBackends);

  it.each(CASES)('%j to %j', (shape, size) => {
    for (const alignment of ALIGNMENTS) {
      const attrs = { ...alignment, size };
      agree('ResizeBilinear', { images: operand(shape, 1) }, attrs, { tolerance: 1e-6, floor: 1 });
      agree('ResizeNearestNeighbor', { images: operand(shape, 2) }, attrs);
      agree('ResizeNearestNeighbor', { images: integers(shape, 3) }, attrs);
    }
  });

  it.each(CASES)('the gradient of %j to %j is the transpose', (shape, size) => {
    const [batch, , , channels] = shape;
    const images = operand(shape, 4);
    const dy = operand([batch, ...size, channels], 5);
    for (const kernel of ['ResizeBilinear', 'ResizeNearestNeighbor']) {
      for (const alignment of ALIGNMENTS) {
        const [y] = run('strata-cpu', kernel, { images }, { ...alignment, size });
        const [dx] = run('strata-cpu', `${kernel}Grad`, { images, dy }, alignment);
        expect(dx).toMatchObject({ shape: [...shape], dtype: 'float32', pooled: true });
        // <R x, dy> = <x, Rᵀ dy>, whatever x.
        const forward = dot(y!.values, dy.values);
        expect(Math.abs(forward - dot(images.values, dx!.values))).toBeLessThan(
          1e-5 * (1 + Math.abs(forward) + images.values.length),
        );
      }
    }
  });

  it.each(CASES)('StrataResizeGrad of %j to %j is that gradient', (shape, size) => {
    const [batch, height, width, channels] = shape;
    const images = operand(shape, 4);
    const dy = operand([batch, ...size, channels], 5);
    for (const [method, kernel] of [
      ['bilinear', 'ResizeBilinearGrad'],
      ['nearest', 'ResizeNearestNeighborGrad'],
    ] as const) {
      for (const alignment of ALIGNMENTS) {
        const [expected] = run('strata-cpu', kernel, { images, dy }, alignment);
        const attrs = { ...alignment, method, inputSize: [height, width], outputSize: size };
        expect(run('strata-cpu', 'StrataResizeGrad', { dy }, attrs)).toEqual([expected]);
      }
    }
    const none = { ...ALIGNMENTS[0], method: 'nearest', inputSize: [0, 3], outputSize: size };
    const [empty] = run('strata-cpu', 'StrataResizeGrad', { dy }, none);
    expect(empty).toMatchObject({ shape: [batch, 0, 3, channels], pooled: true });
  });

  it('gradients agree with tfjs on squares without half-pixel centres', () => {
    for (const [from, to] of [
      [4, 8],
      [7, 3],
      [5, 5],
      [3, 7],
    ] as const) {
      const images = (batch: number) => operand([batch, from, from, 5], 1);
      const dy = (batch: number) => operand([batch, to, to, 5], 2);
      const rough = { tolerance: 1e-5, floor: 1 };
      for (const alignCorners of [false, true]) {
        const attrs = { alignCorners, halfPixelCenters: false };
        agree('ResizeBilinearGrad', { images: images(2), dy: dy(2) }, attrs, rough);
        // tfjs finds the images of dy where those of x lie, so only the first is right, and looks through
        // too small a window where images shrink.
        if (to < from) continue;
        agree('ResizeNearestNeighborGrad', { images: images(1), dy: dy(1) }, attrs, rough);
      }
    }
  });

  it.each(['bilinear', 'nearest'])('CropAndResize, %s', (method) => {
    const image = operand([2, 6, 9, 5], 1);
    const values = [
      0, 0, 1, 1, 0.2, 0.3, 0.7, 0.9, -0.5, -0.1, 1.4, 0.6, 1, 1, 0, 0, 0.5, 0.5, 0.5, 0.5,
    ];
    const boxes = { shape: [5, 4], values };
    const boxInd = { shape: [5], values: [0, 1, 1, 0, 2], dtype: 'int32' } as const;
    for (const cropSize of [
      [3, 4],
      [1, 1],
      [7, 1],
      [12, 20],
    ]) {
      const attrs = { cropSize, method, extrapolationValue: 0.5 };
      const rough = { tolerance: 1e-6, floor: 1 };
      agree('CropAndResize', { image, boxes, boxInd }, attrs, rough);
    }
    const none = { shape: [0, 4], values: [] };
    const nobody = { shape: [0], values: [], dtype: 'int32' } as const;
    const attrs = { cropSize: [2, 2], method, extrapolationValue: 0 };
    agree('CropAndResize', { image, boxes: none, boxInd: nobody }, attrs);
  });

  it('the same bits from one thread as from four', () => {
    const images = operand([3, 40, 50, 19], 6);
    const dy = operand([3, 70, 31, 19], 7);
    const outcomes = [1, 4].map((threads) => {
      addon!.setThreads(threads);
      return ['ResizeBilinear', 'ResizeBilinearGrad'].map((kernel) =>
        Buffer.from(
          run('strata-cpu', kernel, { images, dy }, { ...ALIGNMENTS[2], size: [70, 31] })[0]!.values
            .buffer,
        ),
      );
    });
    addon!.setThreads(2);
    outcomes[0]!.forEach((bits, i) => expect(bits.equals(outcomes[1]![i]!)).toBe(true));
  });

  it('refuses tables that leave the image', () => {
    const { resizeBilinear, resizeNearest, resizeGradient } = kernelsOf(isa);
    const [x, y, share] = [new Float32Array(4), new Float32Array(1), new Float32Array(1)];
    const sizes = [1, 2, 2, 1, 1, 1] as const;
    const refused = expect.objectContaining({ code: 'STRATA_BAD_ARGUMENT' });
    const inside = Int32Array.of(0, 1);
    for (const wrong of [Int32Array.of(0, 2), Int32Array.of(-2, 0), Int32Array.of(-1, 0)]) {
      expect(() => resizeBilinear!(x, y, wrong, share, inside, share, ...sizes, 0)).toThrow(
        refused,
      );
      expect(() => resizeBilinear!(x, y, inside, share, wrong, share, ...sizes, 0)).toThrow(
        refused,
      );
    }
    expect(() => resizeNearest!(x, y, Int32Array.of(2), Int32Array.of(0), ...sizes, 0)).toThrow(
      refused,
    );
    const spans = Int32Array.of(0, 1, 0, 2);
    expect(() => resizeGradient!(y, x, inside, share, inside, share, ...sizes, spans)).toThrow(
      refused,
    );
  });
});

function dot(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}
