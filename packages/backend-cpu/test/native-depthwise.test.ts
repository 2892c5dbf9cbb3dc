import { describe, expect, it } from 'vitest';
import { addon, error, values, isas, kernelsOf } from './addon.js';
import { type Convolution, forEachProduct, geometry } from './convolution.js';

const one: [[number, number], [number, number]] = [
  [1, 1],
  [1, 1],
];
const cases: Record<string, Omit<Convolution, 'out'> & { multiplier: number }> = {
  '3x3': { x: [2, 9, 11, 32], multiplier: 1, kernel: [3, 3], pad: one },
  'stride 2': { x: [2, 9, 12, 20], multiplier: 1, kernel: [3, 3], strides: [2, 2], pad: one },
  'few channels': {
    x: [3, 7, 6, 3],
    multiplier: 1,
    kernel: [5, 2],
    pad: [
      [2, 2],
      [0, 1],
    ],
  },
  'dilations 2 and 3': {
    x: [1, 9, 13, 17],
    multiplier: 1,
    kernel: [3, 3],
    dilations: [2, 3],
    pad: [
      [2, 2],
      [3, 3],
    ],
  },
  'strides and dilations': {
    x: [2, 13, 14, 5],
    multiplier: 1,
    kernel: [3, 2],
    strides: [3, 2],
    dilations: [2, 3],
    pad: [
      [3, 1],
      [2, 4],
    ],
  },
  'three outputs per channel': { x: [2, 6, 7, 7], multiplier: 3, kernel: [3, 3], pad: one },
  'two outputs per channel, stride 2': {
    x: [2, 6, 7, 16],
    multiplier: 2,
    kernel: [2, 3],
    strides: [2, 2],
  },
  'padding beyond the kernel': {
    x: [1, 3, 4, 18],
    multiplier: 1,
    kernel: [2, 2],
    pad: [
      [3, 3],
      [4, 2],
    ],
  },
  'many images': { x: [40, 4, 4, 8], multiplier: 1, kernel: [3, 3], pad: one },
  'no image': { x: [0, 4, 4, 8], multiplier: 1, kernel: [3, 3] },
  'no output': { x: [2, 2, 4, 8], multiplier: 1, kernel: [3, 3] },
  'no channel': { x: [2, 4, 4, 0], multiplier: 1, kernel: [3, 3] },
};

describe.runIf(addon).each(isas)('depthwise convolution with %s', (isa) => {
  const { depthwiseConv2d, depthwiseConv2dBackpropInput, depthwiseConv2dBackpropFilter } =
    kernelsOf(isa);

  it.each(Object.entries(cases))('%s: forward and both gradients', (_, { multiplier, ...rest }) => {
    const c: Convolution = { ...rest, out: rest.x[3] * multiplier, depthwise: true };
    const g = geometry(c);
    const { sizes } = g;
    const x = values(g.inputs, 1);
    const filter = values(g.filters, 2);
    const dy = values(g.outputs, 3);
    const { out } = c;
    const bias = values(out, 4);
    const expected = {
      y: new Float64Array(g.outputs).map((_zero, i) => bias[i % out]!),
      dx: new Float64Array(g.inputs),
      dw: new Float64Array(g.filters),
    };
    forEachProduct(c, (i, j, k) => {
      expected.y[k]! += x[i]! * filter[j]!;
      expected.dx[i]! += filter[j]! * dy[k]!;
      expected.dw[j]! += x[i]! * dy[k]!;
    });
    const y = new Float32Array(g.outputs).fill(NaN);
    depthwiseConv2d!(x, filter, bias, y, sizes, 0);
    expect(error(y, expected.y, 20)).toBeLessThan(1);
    depthwiseConv2d!(x, filter, bias, y.fill(NaN), sizes, 2);
    expect(
      error(
        y,
        expected.y.map((v) => Math.min(Math.max(v, 0), 6)),
        20,
      ),
    ).toBeLessThan(1);
    const dx = new Float32Array(g.inputs).fill(NaN);
    depthwiseConv2dBackpropInput!(dy, filter, dx, sizes);
    expect(error(dx, expected.dx, 20)).toBeLessThan(1);
    const dw = new Float32Array(g.filters).fill(NaN);
    depthwiseConv2dBackpropFilter!(x, dy, dw, sizes);
    expect(error(dw, expected.dw, g.positions)).toBeLessThan(1);
  });

  it('gives the same bits with any number of threads', () => {
    const g = geometry({
      x: [33, 14, 15, 24],
      out: 48,
      depthwise: true,
      kernel: [3, 3],
      strides: [2, 1],
      pad: one,
    });
    const { sizes } = g;
    const [x, filter, dy] = [values(g.inputs, 1), values(g.filters, 2), values(g.outputs, 3)];
    const results = [1, 2, 3].map((threads) => {
      addon!.setThreads(threads);
      const all = [g.outputs, g.inputs, g.filters].map((n) => new Float32Array(n).fill(NaN));
      depthwiseConv2d!(x, filter, null, all[0]!, sizes, 1);
      depthwiseConv2dBackpropInput!(dy, filter, all[1]!, sizes);
      depthwiseConv2dBackpropFilter!(x, dy, all[2]!, sizes);
      return all.map((array) => Buffer.from(array.buffer).toString('base64')).join();
    });
    addon!.setThreads(2);
    expect(new Set(results).size).toBe(1);
  });

  it('refuses output channels that are no multiple of the input channels', () => {
    const { sizes } = geometry({ x: [1, 3, 3, 2], out: 2, kernel: [1, 1] });
    const wrong = sizes.with(6, 3);
    const big = new Float32Array(100);
    expect(() => depthwiseConv2d!(big, big, null, big, wrong, 0)).toThrow(
      '3 output channels are no multiple of 2',
    );
    expect(() => depthwiseConv2dBackpropInput!(big, big, big, wrong)).toThrow('no multiple');
    expect(() => depthwiseConv2dBackpropFilter!(big, big, big, wrong)).toThrow('no multiple');
  });
});
