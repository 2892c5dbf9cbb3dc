import { describe, expect, it } from 'vitest';
import { addon, isas, kernelsOf, values } from './addon.js';
import { type Convolution, forEachProduct, geometry, relativeError } from './convolution.js';

const around = (n: number): [[number, number], [number, number]] => [
  [n, n],
  [n, n],
];
/** With the sides of the transforms to compute each by. */
const cases: Record<string, Convolution & { sides: number[] }> = {
  '3x3': { x: [2, 7, 9, 5], out: 7, kernel: [3, 3], pad: around(1), sides: [8, 16] },
  '5x5, whole vectors': {
    x: [3, 12, 11, 16],
    out: 32,
    kernel: [5, 5],
    pad: around(2),
    sides: [8, 32],
  },
  '3x7, vectors and a rest': { x: [1, 8, 9, 19], out: 37, kernel: [3, 7], sides: [16] },
  'one channel, 31x31': {
    x: [1, 40, 33, 1],
    out: 1,
    kernel: [31, 31],
    pad: around(15),
    sides: [32, 64],
  },
  'as many taps as the transform': {
    x: [1, 9, 8, 2],
    out: 3,
    kernel: [8, 8],
    pad: around(2),
    sides: [8],
  },
  'an even number of taps': { x: [5, 10, 11, 3], out: 10, kernel: [4, 6], sides: [8, 128] },
  'uneven padding': {
    x: [2, 9, 9, 4],
    out: 6,
    kernel: [5, 5],
    pad: [
      [0, 3],
      [6, 1],
    ],
    sides: [16],
  },
  'filter larger than the image': {
    x: [2, 3, 2, 4],
    out: 5,
    kernel: [5, 7],
    pad: [
      [3, 3],
      [4, 5],
    ],
    sides: [8, 16],
  },
  'one pixel, many images': {
    x: [37, 1, 1, 6],
    out: 5,
    kernel: [3, 3],
    pad: around(1),
    sides: [8],
  },
  'no image': { x: [0, 5, 5, 3], out: 4, kernel: [3, 3], sides: [8] },
  'no input channel': { x: [2, 5, 5, 0], out: 4, kernel: [3, 3], sides: [8] },
  'no output channel': { x: [2, 5, 5, 3], out: 0, kernel: [3, 3], sides: [8] },
  'no output': { x: [2, 2, 5, 3], out: 4, kernel: [3, 3], sides: [8] },
  'no row': { x: [2, 0, 5, 3], out: 4, kernel: [3, 3], pad: around(2), sides: [8] },
};
/** What rounding may cost: the bound that core states. */
const BOUND = 5e-6;

describe.runIf(addon).each(isas)('convolution by Fourier transforms with %s', (isa) => {
  const { fftConv2d, fftConv2dBackpropInput, fftConv2dBackpropFilter } = kernelsOf(isa);

  describe.each(Object.entries(cases))('%s', (_, c) => {
    const g = geometry(c);
    const x = values(g.inputs, 1);
    const filter = values(g.filters, 2);
    const dy = values(g.outputs, 3);

    it.each(c.sides)('transforms of %i: forward, with bias and activation', (side) => {
      const bias = values(c.out, 4);
      const sum = new Float64Array(g.outputs).map((_zero, i) => bias[i % c.out]!);
      forEachProduct(c, (i, j, k) => (sum[k]! += x[i]! * filter[j]!));
      const y = new Float32Array(g.outputs).fill(NaN);
      fftConv2d!(x, filter, bias, y, g.sizes, 1, side);
      const scale = sum.reduce((most, v) => Math.max(most, Math.abs(v)), 0);
      const rectified = sum.map((v) => Math.max(v, 0));
      expect(relativeError(y, rectified, scale)).toBeLessThan(BOUND);
      fftConv2d!(x, filter, null, y.fill(NaN), g.sizes, 0, side);
      const plain = sum.map((v, i) => v - bias[i % c.out]!);
      expect(relativeError(y, plain)).toBeLessThan(BOUND);
    });

    it.each(c.sides)('transforms of %i: gradient of the input', (side) => {
      const expected = new Float64Array(g.inputs);
      forEachProduct(c, (i, j, k) => (expected[i]! += dy[k]! * filter[j]!));
      const dx = new Float32Array(g.inputs).fill(NaN);
      fftConv2dBackpropInput!(dy, filter, dx, g.sizes, side);
      expect(relativeError(dx, expected)).toBeLessThan(BOUND);
    });

    it.each(c.sides)('transforms of %i: gradient of the filter', (side) => {
      const expected = new Float64Array(g.filters);
      forEachProduct(c, (i, j, k) => (expected[j]! += x[i]! * dy[k]!));
      const dw = new Float32Array(g.filters).fill(NaN);
      fftConv2dBackpropFilter!(x, dy, dw, g.sizes, side);
      expect(relativeError(dw, expected)).toBeLessThan(BOUND);
    });
  });

  it('the same bits with any number of threads', () => {
    for (const [c, side] of [
      [{ x: [3, 20, 22, 16], out: 24, kernel: [5, 5], pad: around(2) }, 16],
      [{ x: [1, 40, 40, 5], out: 9, kernel: [9, 9] }, 32],
    ] satisfies [Convolution, number][]) {
      const g = geometry(c);
      const [x, filter, dy] = [values(g.inputs, 1), values(g.filters, 2), values(g.outputs, 3)];
      const results = [1, 2, 3, 4, 7].map((threads) => {
        addon!.setThreads(threads);
        const y = new Float32Array(g.outputs);
        const dx = new Float32Array(g.inputs);
        const dw = new Float32Array(g.filters);
        fftConv2d!(x, filter, null, y, g.sizes, 0, side);
        fftConv2dBackpropInput!(dy, filter, dx, g.sizes, side);
        fftConv2dBackpropFilter!(x, dy, dw, g.sizes, side);
        return [y, dx, dw].map((array) => Buffer.from(array.buffer).toString('base64')).join();
      });
      addon!.setThreads(2);
      expect(new Set(results).size).toBe(1);
    }
  });

  it('what is not a number spreads over its pair of tiles, no farther', () => {
    // Each image is one tile of 4x4 outputs: the first two are a pair, and so are the last two.
    const c: Convolution = { x: [4, 8, 8, 3], out: 5, kernel: [5, 5] };
    const g = geometry(c);
    const [x, filter] = [values(g.inputs, 1), values(g.filters, 2)];
    const clean = new Float32Array(g.outputs);
    fftConv2d!(x, filter, null, clean, g.sizes, 0, 8);
    x[3 * 64 * 3] = NaN;
    const y = new Float32Array(g.outputs);
    fftConv2d!(x, filter, null, y, g.sizes, 0, 8);
    expect(y.subarray(0, g.outputs / 2)).toEqual(clean.subarray(0, g.outputs / 2));
    expect(y.subarray(g.outputs / 2).every(Number.isNaN)).toBe(true);
  });

  it('refuses what it cannot compute', () => {
    const g = geometry({ x: [1, 12, 12, 1], out: 1, kernel: [9, 9] });
    const [x, filter, y] = [new Float32Array(144), new Float32Array(81), new Float32Array(16)];
    const forward = (sizes: Int32Array, side: number): void =>
      fftConv2d!(x, filter, null, y, sizes, 0, side);
    for (const side of [4, 8, 12, 2048])
      expect(() => forward(g.sizes, side)).toThrow(`received ${side} for 9 taps`);
    expect(() => forward(g.sizes.with(9, 2), 16)).toThrow('received 2, 1');
    expect(() => forward(g.sizes.with(12, 2), 16)).toThrow('received 1, 2');
    expect(() => fftConv2d!(x.subarray(1), filter, null, y, g.sizes, 0, 16)).toThrow('argument 0');
    expect(() => fftConv2d!(x, filter, x.subarray(144), y, g.sizes, 0, 16)).toThrow('argument 2');
    expect(() => fftConv2dBackpropInput!(y, filter.subarray(1), x, g.sizes, 16)).toThrow(
      'argument 1',
    );
    expect(() => fftConv2dBackpropFilter!(x, y, filter.subarray(1), g.sizes, 16)).toThrow(
      'argument 2',
    );
  });
});
