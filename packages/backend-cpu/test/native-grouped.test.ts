import { describe, expect, it } from 'vitest';
import { addon, error, isas, kernelsOf, values } from './addon.js';
import { type Convolution, forEachProduct, geometry } from './convolution.js';

const one: [[number, number], [number, number]] = [
  [1, 1],
  [1, 1],
];
type Grouped = Convolution & { groups: number };
const cases: Record<string, Grouped> = {
  'ResNeXt, 8 channels a group': {
    x: [2, 10, 11, 64],
    out: 64,
    groups: 8,
    kernel: [3, 3],
    pad: one,
  },
  '4 channels a group': { x: [3, 9, 9, 32], out: 32, groups: 8, kernel: [3, 3], pad: one },
  'AlexNet, two large groups': {
    x: [2, 7, 6, 70],
    out: 94,
    groups: 2,
    kernel: [5, 5],
    pad: [
      [2, 2],
      [2, 2],
    ],
  },
  'wide rows': { x: [1, 6, 70, 24], out: 48, groups: 3, kernel: [3, 3], pad: one },
  'groups that fill no vector': { x: [2, 6, 7, 15], out: 10, groups: 5, kernel: [2, 3] },
  'a bundle of groups and a rest': {
    x: [2, 6, 7, 28],
    out: 21,
    groups: 7,
    kernel: [3, 3],
    pad: one,
  },
  'one channel a group': { x: [2, 6, 7, 12], out: 24, groups: 12, kernel: [3, 3], pad: one },
  'one output a group': { x: [2, 6, 7, 36], out: 12, groups: 12, kernel: [3, 3], pad: one },
  'one group': { x: [2, 9, 9, 5], out: 7, groups: 1, kernel: [3, 3], pad: one },
  '1x1': { x: [2, 5, 9, 32], out: 48, groups: 4, kernel: [1, 1] },
  '1x1, stride 2': { x: [2, 7, 8, 32], out: 48, groups: 4, kernel: [1, 1], strides: [2, 2] },
  'strides 2 and 3': {
    x: [2, 11, 13, 16],
    out: 24,
    groups: 4,
    kernel: [3, 4],
    strides: [2, 3],
    pad: [
      [1, 2],
      [2, 0],
    ],
  },
  'stride beyond the kernel': {
    x: [2, 11, 13, 8],
    out: 12,
    groups: 4,
    kernel: [2, 2],
    strides: [3, 4],
  },
  'dilations 2 and 3': {
    x: [2, 12, 14, 8],
    out: 16,
    groups: 2,
    kernel: [3, 3],
    dilations: [2, 3],
    pad: [
      [2, 2],
      [3, 3],
    ],
  },
  'dilation and stride': {
    x: [2, 13, 15, 8],
    out: 12,
    groups: 4,
    kernel: [3, 2],
    strides: [2, 3],
    dilations: [3, 2],
    pad: [
      [3, 1],
      [2, 2],
    ],
  },
  'kernel larger than the image': {
    x: [2, 3, 2, 8],
    out: 4,
    groups: 2,
    kernel: [5, 7],
    pad: [
      [3, 3],
      [4, 5],
    ],
  },
  'padding beyond the kernel': {
    x: [1, 4, 4, 6],
    out: 6,
    groups: 3,
    kernel: [2, 2],
    pad: [
      [3, 4],
      [5, 3],
    ],
  },
  'one pixel, many images': { x: [40, 1, 1, 8], out: 12, groups: 4, kernel: [3, 3], pad: one },
  'rows in several blocks': { x: [1, 130, 40, 32], out: 32, groups: 2, kernel: [3, 3], pad: one },
  'no image': { x: [0, 5, 5, 4], out: 4, groups: 2, kernel: [3, 3] },
  'no input channel': { x: [2, 5, 5, 0], out: 4, groups: 2, kernel: [3, 3] },
  'no output channel': { x: [2, 5, 5, 4], out: 0, groups: 2, kernel: [3, 3] },
  'no output': { x: [2, 2, 5, 4], out: 4, groups: 2, kernel: [3, 3] },
};

describe.runIf(addon).each(isas)('grouped convolution with %s', (isa) => {
  const { groupedConv2d, groupedConv2dBackpropInput, groupedConv2dBackpropFilter } = kernelsOf(isa);

  describe.each(Object.entries(cases))('%s', (_, c) => {
    const g = geometry(c);
    const { groups } = c;
    const x = values(g.inputs, 1);
    const filter = values(g.filters, 2);
    const dy = values(g.outputs, 3);
    const depth = (c.kernel[0] * c.kernel[1] * Math.max(c.x[3], c.out, 1)) / groups;

    it('forward, with bias and activations', () => {
      const bias = values(c.out, 4);
      const expected = new Float64Array(g.outputs).map((_zero, i) => bias[i % c.out]!);
      forEachProduct(c, (i, j, k) => (expected[k]! += x[i]! * filter[j]!));
      const y = new Float32Array(g.outputs).fill(NaN);
      groupedConv2d!(x, filter, bias, y, g.sizes, groups, 0);
      expect(error(y, expected, depth)).toBeLessThan(1);
      groupedConv2d!(x, filter, bias, y.fill(NaN), g.sizes, groups, 1);
      const positive = expected.map((v) => Math.max(v, 0));
      expect(error(y, positive, depth)).toBeLessThan(1);
      groupedConv2d!(x, filter, bias, y.fill(NaN), g.sizes, groups, 5);
      expect(error(y, expected.map(Math.tanh), depth)).toBeLessThan(1);
    });

    it('gradient of the input', () => {
      const expected = new Float64Array(g.inputs);
      forEachProduct(c, (i, j, k) => (expected[i]! += dy[k]! * filter[j]!));
      const dx = new Float32Array(g.inputs).fill(NaN);
      groupedConv2dBackpropInput!(dy, filter, dx, g.sizes, groups);
      expect(error(dx, expected, depth)).toBeLessThan(1);
      const bias = values(c.x[3], 4);
      groupedConv2dBackpropInput!(dy, filter, dx.fill(NaN), g.sizes, groups, bias);
      const moved = expected.map((v, i) => v + bias[i % c.x[3]]!);
      expect(error(dx, moved, depth)).toBeLessThan(1);
    });

    it('gradient of the filter', () => {
      const expected = new Float64Array(g.filters);
      forEachProduct(c, (i, j, k) => (expected[j]! += x[i]! * dy[k]!));
      const dw = new Float32Array(g.filters).fill(NaN);
      groupedConv2dBackpropFilter!(x, dy, dw, g.sizes, groups);
      expect(error(dw, expected, g.positions)).toBeLessThan(1);
    });
  });

  it('gives the same bits with any number of threads', () => {
    for (const c of [
      { ...cases['ResNeXt, 8 channels a group']!, x: [16, 14, 14, 64] },
      { ...cases['AlexNet, two large groups']!, x: [40, 7, 6, 70] },
      { ...cases['strides 2 and 3']!, x: [20, 31, 33, 16] },
      cases['rows in several blocks']!,
    ] as Grouped[]) {
      const g = geometry(c);
      const [x, filter, dy] = [values(g.inputs, 1), values(g.filters, 2), values(g.outputs, 3)];
      const results = [1, 2, 4].map((threads) => {
        addon!.setThreads(threads);
        const all = [g.outputs, g.inputs, g.filters].map((n) => new Float32Array(n).fill(NaN));
        groupedConv2d!(x, filter, null, all[0]!, g.sizes, c.groups, 1);
        groupedConv2dBackpropInput!(dy, filter, all[1]!, g.sizes, c.groups);
        groupedConv2dBackpropFilter!(x, dy, all[2]!, g.sizes, c.groups);
        return all.map((array) => Buffer.from(array.buffer).toString('base64')).join();
      });
      addon!.setThreads(2);
      expect(new Set(results).size).toBe(1);
    }
  });

  it('keeps what is not finite in the outputs that meet it', () => {
    const c: Grouped = { x: [1, 5, 5, 4], out: 4, groups: 2, kernel: [3, 3], pad: one };
    const g = geometry(c);
    const x = values(g.inputs, 1);
    x[(2 * 5 + 4) * 4 + 1] = Infinity; // row 2, column 4, channel 1: of the first group
    const filter = values(g.filters, 2);
    const y = new Float32Array(g.outputs);
    groupedConv2d!(x, filter, null, y, g.sizes, 2, 0);
    y.forEach((v, i) => {
      const [row, column, channel] = [Math.floor(i / 20), Math.floor(i / 4) % 5, i % 4];
      const meets = row >= 1 && row <= 3 && column >= 3 && channel < 2;
      expect(Number.isFinite(v), `row ${row}, column ${column}, channel ${channel}`).toBe(!meets);
    });
  });

  it('refuses groups that do not divide the channels', () => {
    const { sizes } = geometry({ x: [1, 3, 3, 6], out: 6, kernel: [1, 1] });
    const big = new Float32Array(100);
    const message = '4 groups do not divide 6 input and 6 output channels';
    expect(() => groupedConv2d!(big, big, null, big, sizes, 4, 0)).toThrow(message);
    expect(() => groupedConv2dBackpropInput!(big, big, big, sizes, 4)).toThrow(message);
    expect(() => groupedConv2dBackpropFilter!(big, big, big, sizes, 4)).toThrow(message);
    expect(() => groupedConv2d!(big, big, null, big, sizes, 0, 0)).toThrow('0 groups');
    expect(() => groupedConv2d!(big, big.subarray(0, 11), null, big, sizes, 3, 0)).toThrow('12');
  });
});
