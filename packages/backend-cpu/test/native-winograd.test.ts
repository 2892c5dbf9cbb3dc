import { describe, expect, it } from 'vitest';
import { addon, isas, kernelsOf, values } from './addon.js';
import { type Convolution, forEachProduct, geometry, relativeError } from './convolution.js';

const around = (before: number, after = before): [[number, number], [number, number]] => [
  [before, after],
  [before, after],
];
const images: Record<string, Omit<Convolution, 'kernel'>> = {
  'one channel': { x: [2, 9, 11, 1], out: 1, pad: around(1) },
  'three channels, odd sizes': { x: [3, 13, 7, 3], out: 20, pad: around(1) },
  'whole vectors': { x: [2, 12, 8, 16], out: 32, pad: around(1) },
  'vectors and a rest': { x: [1, 10, 9, 19], out: 37, pad: around(1) },
  'a panel and a narrow one': { x: [1, 6, 6, 6], out: 38, pad: around(1) },
  'no padding': { x: [2, 11, 10, 8], out: 12 },
  'padding on one side': { x: [2, 9, 9, 8], out: 12, pad: around(0, 2) },
  'padding beyond the filter': {
    x: [1, 5, 4, 5],
    out: 9,
    pad: [
      [4, 3],
      [0, 6],
    ],
  },
  'one pixel, many images': { x: [37, 1, 1, 6], out: 5, pad: around(1) },
  'one output': { x: [5, 3, 3, 20], out: 24 },
  'more tiles than a block': { x: [3, 30, 29, 24], out: 24, pad: around(1) },
  'more channels than a pass': { x: [1, 4, 5, 400], out: 10, pad: around(1) },
  'few tiles, a filter that goes by panels, sums by strips': {
    x: [1, 5, 6, 150],
    out: 133,
    pad: around(1),
  },
  'panels in two passes': { x: [1, 3, 4, 400], out: 70, pad: around(1) },
  'one row': { x: [2, 1, 33, 5], out: 7, pad: around(1) },
  'no image': { x: [0, 5, 5, 3], out: 4, pad: around(1) },
  'no input channel': { x: [2, 5, 5, 0], out: 4, pad: around(1) },
  'no output channel': { x: [2, 5, 5, 3], out: 0, pad: around(1) },
  'no output': { x: [2, 2, 5, 3], out: 4 },
  'no row': { x: [2, 0, 5, 3], out: 4, pad: around(2) },
};
/** What rounding may cost: the bounds that core states. */
const BOUNDS = { 2: 1.5e-6, 4: 5e-6 };

describe.runIf(addon).each(isas)('Winograd convolution with %s', (isa) => {
  const { winogradConv2d, winogradConv2dBackpropInput, winogradConv2dBackpropFilter } =
    kernelsOf(isa);

  describe.each(Object.entries(images))('%s', (_, image) => {
    const c: Convolution = { ...image, kernel: [3, 3] };
    const g = geometry(c);
    const x = values(g.inputs, 1);
    const filter = values(g.filters, 2);
    const dy = values(g.outputs, 3);

    it.each([2, 4] as const)('tiles of %i: forward, with bias and activations', (tile) => {
      const bias = values(c.out, 4);
      const sum = new Float64Array(g.outputs).map((_zero, i) => bias[i % c.out]!);
      forEachProduct(c, (i, j, k) => (sum[k]! += x[i]! * filter[j]!));
      const y = new Float32Array(g.outputs);
      const activations = [
        (v: number) => v,
        (v: number) => Math.max(v, 0),
        (v: number) => Math.min(Math.max(v, 0), 6),
        (v: number) => (v < 0 ? Math.expm1(v) : v),
        (v: number) => 1 / (1 + Math.exp(-v)),
        (v: number) => Math.tanh(v),
      ];
      activations.forEach((activation, code) => {
        winogradConv2d!(x, filter, bias, y.fill(NaN), g.sizes, code, tile);
        // The sum's rounding: activations are no steeper than 1, but their results are smaller.
        const scale = sum.reduce((most, v) => Math.max(most, Math.abs(v)), 0);
        expect(relativeError(y, sum.map(activation), scale)).toBeLessThan(BOUNDS[tile]);
      });
      winogradConv2d!(x, filter, null, y.fill(NaN), g.sizes, 0, tile);
      const plain = sum.map((v, i) => v - bias[i % c.out]!);
      expect(relativeError(y, plain)).toBeLessThan(BOUNDS[tile]);
    });

    it.each([2, 4] as const)('tiles of %i: gradient of the input', (tile) => {
      const expected = new Float64Array(g.inputs);
      forEachProduct(c, (i, j, k) => (expected[i]! += dy[k]! * filter[j]!));
      const dx = new Float32Array(g.inputs).fill(NaN);
      winogradConv2dBackpropInput!(dy, filter, dx, g.sizes, tile);
      expect(relativeError(dx, expected)).toBeLessThan(BOUNDS[tile]);
    });

    it.each([2, 4] as const)('tiles of %i: gradient of the filter', (tile) => {
      const expected = new Float64Array(g.filters);
      forEachProduct(c, (i, j, k) => (expected[j]! += x[i]! * dy[k]!));
      const dw = new Float32Array(g.filters).fill(NaN);
      winogradConv2dBackpropFilter!(x, dy, dw, g.sizes, tile);
      expect(relativeError(dw, expected)).toBeLessThan(BOUNDS[tile]);
    });
  });

  it.each([2, 4])('tiles of %i: the same bits with any number of threads', (tile) => {
    for (const c of [
      { x: [8, 28, 28, 16], out: 24, kernel: [3, 3], pad: around(1) },
      { x: [40, 7, 7, 32], out: 40, kernel: [3, 3], pad: around(1) },
      { x: [1, 64, 60, 5], out: 9, kernel: [3, 3] },
      // Panels with few threads, blocks with more than there are panels.
      { x: [2, 7, 7, 200], out: 150, kernel: [3, 3], pad: around(1) },
    ] satisfies Convolution[]) {
      const g = geometry(c);
      const [x, filter, dy] = [values(g.inputs, 1), values(g.filters, 2), values(g.outputs, 3)];
      const results = [1, 2, 3, 4, 7].map((threads) => {
        addon!.setThreads(threads);
        const y = new Float32Array(g.outputs);
        const dx = new Float32Array(g.inputs);
        const dw = new Float32Array(g.filters);
        winogradConv2d!(x, filter, null, y, g.sizes, 0, tile);
        winogradConv2dBackpropInput!(dy, filter, dx, g.sizes, tile);
        winogradConv2dBackpropFilter!(x, dy, dw, g.sizes, tile);
        return [y, dx, dw].map((array) => Buffer.from(array.buffer).toString('base64')).join();
      });
      addon!.setThreads(2);
      expect(new Set(results).size).toBe(1);
    }
  });

  it.each([2, 4])('tiles of %i: what is not finite spreads over its tiles, no farther', (tile) => {
    const c: Convolution = { x: [2, 16, 16, 3], out: 5, kernel: [3, 3], pad: around(1) };
    const g = geometry(c);
    const filter = values(g.filters, 2);
    for (const bad of [NaN, Infinity]) {
      const x = values(g.inputs, 1);
      const clean = new Float32Array(g.outputs);
      winogradConv2d!(x, filter, null, clean, g.sizes, 0, tile);
      const [row, column] = [6, 9];
      x[((16 + row) * 16 + column) * 3] = bad; // in the second image
      const y = new Float32Array(g.outputs);
      winogradConv2d!(x, filter, null, y, g.sizes, 1, tile);
      y.forEach((value, k) => {
        const [r, q] = [Math.floor(k / 5 / 16) - 16, Math.floor(k / 5) % 16];
        // A tile reads one pixel more than it writes on every side.
        const reads = (at: number, pixel: number): boolean => {
          const first = Math.floor(at / tile) * tile;
          return pixel >= first - 1 && pixel <= first + tile;
        };
        const meets = Math.abs(r - row) <= 1 && Math.abs(q - column) <= 1;
        if (!reads(r, row) || !reads(q, column)) expect(value).toBe(Math.max(clean[k]!, 0));
        else if (Number.isNaN(bad) && meets) expect(value).toBeNaN();
        else if (meets) expect(Number.isNaN(value) || value === Infinity || value === 0).toBe(true);
      });
    }
  });

  it('refuses what it cannot compute', () => {
    const g = geometry({ x: [1, 6, 6, 2], out: 3, kernel: [3, 3] });
    const [x, filter, y] = [new Float32Array(72), new Float32Array(54), new Float32Array(48)];
    const forward = (sizes: Int32Array, tile = 2): void =>
      winogradConv2d!(x, filter, null, y, sizes, 0, tile);
    expect(() => forward(g.sizes, 3)).toThrow('side of 2 or 4; received 3');
    expect(() => forward(g.sizes.with(7, 2))).toThrow('received 2, 1, 1');
    expect(() => forward(g.sizes.with(10, 2))).toThrow('received 3, 2, 1');
    expect(() => forward(g.sizes.with(11, 2))).toThrow('received 3, 1, 2');
    expect(() => winogradConv2d!(x.subarray(1), filter, null, y, g.sizes, 0, 4)).toThrow(
      'argument 0 must hold at least 72',
    );
    expect(() => winogradConv2d!(x, filter, x.subarray(70), y, g.sizes, 0, 4)).toThrow(
      'argument 2 must hold at least 3',
    );
    expect(() => winogradConv2dBackpropInput!(y, filter, x.subarray(1), g.sizes, 2)).toThrow(
      'argument 2',
    );
    expect(() => winogradConv2dBackpropInput!(y, filter, x, g.sizes, 6)).toThrow('received 6');
    expect(() => winogradConv2dBackpropFilter!(x, y.subarray(1), filter, g.sizes, 2)).toThrow(
      'argument 1',
    );
    expect(() => winogradConv2dBackpropFilter!(x, y, filter, g.sizes.with(9, 3), 2)).toThrow(
      'received 3, 3, 1',
    );
  });
});
