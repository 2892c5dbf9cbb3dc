import { describe, expect, it } from 'vitest';
import { addon, error, values, isas, kernelsOf } from './addon.js';
import { type Convolution, forEachProduct, geometry } from './convolution.js';

const same = (k: number): [number, number] => [Math.floor((k - 1) / 2), Math.ceil((k - 1) / 2)];
const cases: Record<string, Convolution> = {
  'LeNet, first': { x: [3, 28, 28, 1], out: 6, kernel: [5, 5], pad: [same(5), same(5)] },
  'LeNet, second': { x: [5, 14, 14, 6], out: 16, kernel: [5, 5] },
  'three channels': { x: [2, 15, 17, 3], out: 16, kernel: [3, 3], pad: [same(3), same(3)] },
  '16 channels': { x: [3, 12, 32, 16], out: 16, kernel: [3, 3], pad: [same(3), same(3)] },
  '16 to 32 channels, stride 2': {
    x: [4, 16, 16, 16],
    out: 32,
    kernel: [3, 3],
    strides: [2, 2],
    pad: [
      [0, 1],
      [0, 1],
    ],
  },
  '64 channels, small images': {
    x: [9, 8, 8, 64],
    out: 64,
    kernel: [3, 3],
    pad: [same(3), same(3)],
  },
  'more than one panel and a rest': {
    x: [2, 5, 6, 7],
    out: 75,
    kernel: [2, 3],
    pad: [same(2), same(3)],
  },
  'many input channels and a rest': {
    x: [2, 5, 6, 75],
    out: 7,
    kernel: [2, 3],
    pad: [same(2), same(3)],
  },
  'one output channel': { x: [2, 9, 9, 5], out: 1, kernel: [3, 3] },
  'few outputs of many channels, stride 2': {
    x: [2, 19, 21, 9],
    out: 3,
    kernel: [5, 5],
    strides: [2, 2],
    pad: [same(5), same(5)],
  },
  'a first layer': {
    x: [2, 20, 22, 3],
    out: 16,
    kernel: [7, 7],
    strides: [2, 2],
    pad: [same(7), same(7)],
  },
  '1x1, more than one block of a product': { x: [2, 9, 9, 100], out: 90, kernel: [1, 1] },
  '1x1': { x: [3, 7, 7, 20], out: 40, kernel: [1, 1] },
  '1x1, stride 2': { x: [3, 7, 8, 20], out: 24, kernel: [1, 1], strides: [2, 2] },
  'strides 2 and 3': {
    x: [2, 11, 13, 4],
    out: 9,
    kernel: [3, 4],
    strides: [2, 3],
    pad: [
      [1, 2],
      [2, 0],
    ],
  },
  'stride beyond the kernel': { x: [2, 11, 13, 4], out: 9, kernel: [2, 2], strides: [3, 4] },
  'dilations 2 and 3': {
    x: [2, 12, 14, 5],
    out: 10,
    kernel: [3, 3],
    dilations: [2, 3],
    pad: [
      [2, 2],
      [3, 3],
    ],
  },
  'dilation and stride': {
    x: [2, 13, 15, 5],
    out: 10,
    kernel: [3, 2],
    strides: [2, 3],
    dilations: [3, 2],
    pad: [
      [3, 1],
      [2, 2],
    ],
  },
  'stride 4, dilation 2': {
    x: [1, 19, 18, 3],
    out: 5,
    kernel: [3, 3],
    strides: [4, 4],
    dilations: [2, 2],
    pad: [
      [2, 2],
      [1, 3],
    ],
  },
  'dilated rows alone': {
    x: [2, 12, 9, 3],
    out: 8,
    kernel: [3, 3],
    dilations: [2, 1],
    pad: [
      [2, 2],
      [1, 1],
    ],
  },
  'kernel larger than the image': {
    x: [2, 3, 2, 4],
    out: 5,
    kernel: [5, 7],
    pad: [
      [3, 3],
      [4, 5],
    ],
  },
  'padding beyond the kernel': {
    x: [1, 4, 4, 3],
    out: 6,
    kernel: [2, 2],
    pad: [
      [3, 4],
      [5, 3],
    ],
  },
  'one pixel, many images': { x: [40, 1, 1, 6], out: 12, kernel: [3, 3], pad: [same(3), same(3)] },
  'one row': { x: [2, 1, 50, 3], out: 20, kernel: [1, 7], strides: [1, 2] },
  'one column': { x: [2, 50, 1, 3], out: 20, kernel: [7, 1], strides: [2, 1] },
  'a whole image at once': { x: [30, 5, 5, 16], out: 120, kernel: [5, 5] },
  'no image': { x: [0, 5, 5, 3], out: 4, kernel: [3, 3] },
  'no input channel': { x: [2, 5, 5, 0], out: 4, kernel: [3, 3] },
  'no output channel': { x: [2, 5, 5, 3], out: 0, kernel: [3, 3] },
  'no output': { x: [2, 2, 5, 3], out: 4, kernel: [3, 3] },
  'no row': {
    x: [2, 0, 5, 3],
    out: 4,
    kernel: [3, 3],
    pad: [
      [2, 2],
      [0, 0],
    ],
  },
};

describe.runIf(addon).each(isas)('convolution with %s', (isa) => {
  const { conv2d, conv2dBackpropInput, conv2dBackpropFilter } = kernelsOf(isa);

  describe.each(Object.entries(cases))('%s', (_, c) => {
    const g = geometry(c);
    const x = values(g.inputs, 1);
    const filter = values(g.filters, 2);
    const dy = values(g.outputs, 3);
    const depth = c.kernel[0] * c.kernel[1] * Math.max(c.x[3], c.out, 1);

    it('forward, with bias', () => {
      const bias = values(c.out, 4);
      const expected = new Float64Array(g.outputs).map((_zero, i) => bias[i % c.out]!);
      forEachProduct(c, (i, j, k) => (expected[k]! += x[i]! * filter[j]!));
      const y = new Float32Array(g.outputs).fill(NaN);
      conv2d!(x, filter, bias, y, g.sizes, 0);
      expect(error(y, expected, depth)).toBeLessThan(1);
      conv2d!(x, filter, bias, y.fill(NaN), g.sizes, 1);
      expect(
        error(
          y,
          expected.map((v) => Math.max(v, 0)),
          depth,
        ),
      ).toBeLessThan(1);
    });

    it('gradient of the input', () => {
      const expected = new Float64Array(g.inputs);
      forEachProduct(c, (i, j, k) => (expected[i]! += dy[k]! * filter[j]!));
      const dx = new Float32Array(g.inputs).fill(NaN);
      conv2dBackpropInput!(dy, filter, dx, g.sizes);
      expect(error(dx, expected, depth)).toBeLessThan(1);
      const bias = values(c.x[3], 4);
      conv2dBackpropInput!(dy, filter, dx.fill(NaN), g.sizes, bias);
      const moved = expected.map((v, i) => v + bias[i % c.x[3]]!);
      expect(error(dx, moved, depth)).toBeLessThan(1);
    });

    it('gradient of the filter', () => {
      const expected = new Float64Array(g.filters);
      forEachProduct(c, (i, j, k) => (expected[j]! += x[i]! * dy[k]!));
      const dw = new Float32Array(g.filters).fill(NaN);
      conv2dBackpropFilter!(x, dy, dw, g.sizes);
      expect(error(dw, expected, g.positions)).toBeLessThan(1);
    });
  });

  it('gives the same bits with any number of threads', () => {
    for (const c of [
      { x: [16, 28, 28, 1], out: 6, kernel: [5, 5], pad: [same(5), same(5)] },
      { x: [32, 14, 14, 6], out: 16, kernel: [5, 5] },
      { x: [7, 16, 16, 32], out: 32, kernel: [3, 3], strides: [2, 2], pad: [same(3), same(3)] },
      { x: [1, 60, 60, 8], out: 40, kernel: [3, 3], pad: [same(3), same(3)] },
    ] satisfies Convolution[]) {
      const g = geometry(c);
      const [x, filter, dy] = [values(g.inputs, 1), values(g.filters, 2), values(g.outputs, 3)];
      const results = [1, 2, 3, 7].map((threads) => {
        addon!.setThreads(threads);
        const y = new Float32Array(g.outputs);
        const dx = new Float32Array(g.inputs);
        const dw = new Float32Array(g.filters);
        conv2d!(x, filter, null, y, g.sizes, 0);
        conv2dBackpropInput!(dy, filter, dx, g.sizes);
        conv2dBackpropFilter!(x, dy, dw, g.sizes);
        return [y, dx, dw].map((array) => Buffer.from(array.buffer).toString('base64')).join();
      });
      addon!.setThreads(2);
      expect(new Set(results).size).toBe(1);
    }
  });

  it('refuses arrays that are too short and sizes that make no sense', () => {
    const g = geometry({ x: [1, 4, 4, 2], out: 3, kernel: [2, 2] });
    const [x, filter, y] = [new Float32Array(32), new Float32Array(24), new Float32Array(27)];
    expect(() => conv2d!(x.subarray(1), filter, null, y, g.sizes, 0)).toThrow(
      'argument 0 must hold at least 32',
    );
    expect(() => conv2d!(x, filter.subarray(1), null, y, g.sizes, 0)).toThrow(
      'argument 1 must hold at least 24',
    );
    expect(() => conv2d!(x, filter, null, y.subarray(1), g.sizes, 0)).toThrow(
      'argument 3 must hold at least 27',
    );
    expect(() => conv2d!(x, filter, null, y, g.sizes.with(9, 0), 0)).toThrow(
      'size 9 of a convolution',
    );
    expect(() => conv2dBackpropInput!(y, filter, x.subarray(1), g.sizes)).toThrow('argument 2');
    expect(() => conv2dBackpropFilter!(x, y.subarray(1), filter, g.sizes)).toThrow('argument 1');
  });
});
