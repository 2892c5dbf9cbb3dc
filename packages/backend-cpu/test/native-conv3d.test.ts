import { describe, expect, it } from 'vitest';
import { addon, error, isas, kernelsOf, values } from './addon.js';

type Triple = [number, number, number];

/** Depths before heights before widths. */
interface Volume {
  x: [number, number, number, number, number];
  out: number;
  kernel: Triple;
  strides?: Triple;
  dilations?: Triple;
  /** Before and after. */
  pad?: [[number, number], [number, number], [number, number]];
}

const NONE: [[number, number], [number, number], [number, number]] = [
  [0, 0],
  [0, 0],
  [0, 0],
];
const ONE = NONE.map(() => [1, 1]) as typeof NONE;

function geometry(v: Volume): {
  sizes: Int32Array;
  outputs: Triple;
  count: { x: number; filter: number; y: number };
} {
  const { x, out, kernel, strides = [1, 1, 1], dilations = [1, 1, 1], pad = NONE } = v;
  const [n, d, h, w, c] = x;
  const outputs = [d, h, w].map((size, i) => {
    const reach = (kernel[i]! - 1) * dilations[i]! + 1;
    return Math.max(0, Math.floor((size + pad[i]![0] + pad[i]![1] - reach) / strides[i]!) + 1);
  }) as Triple;
  const volume = (sizes: readonly number[]): number => sizes.reduce((a, b) => a * b, 1);
  return {
    sizes: Int32Array.from(
      [x, outputs, out, kernel, strides, dilations, pad.map(([before]) => before)].flat(),
    ),
    outputs,
    count: { x: volume(x), filter: volume(kernel) * c * out, y: n * volume(outputs) * out },
  };
}

/** Calls visit(index of x, of the filter's element, of y) for every product. */
function forEachProduct(v: Volume, visit: (x: number, filter: number, y: number) => void): void {
  const { x, out, kernel, strides = [1, 1, 1], dilations = [1, 1, 1], pad = NONE } = v;
  const [n, ...rest] = x;
  const size = rest.slice(0, 3);
  const channels = rest[3]!;
  const { outputs } = geometry(v);
  const each = (counts: readonly number[], body: (at: Triple, index: number) => void): void => {
    let index = 0;
    for (let a = 0; a < counts[0]!; a++)
      for (let b = 0; b < counts[1]!; b++)
        for (let c = 0; c < counts[2]!; c++) body([a, b, c], index++);
  };
  for (let image = 0; image < n; image++) {
    each(outputs, (output, y) => {
      each(kernel, (tap, k) => {
        const at = output.map((o, i) => o * strides[i]! + tap[i]! * dilations[i]! - pad[i]![0]);
        if (at.some((p, i) => p < 0 || p >= size[i]!)) return;
        const pixel = ((image * size[0]! + at[0]!) * size[1]! + at[1]!) * size[2]! + at[2]!;
        const result = (image * outputs[0] * outputs[1] * outputs[2] + y) * out;
        for (let c = 0; c < channels; c++)
          for (let o = 0; o < out; o++)
            visit(pixel * channels + c, (k * channels + c) * out + o, result + o);
      });
    });
  }
}

const cases: Record<string, Volume> = {
  valid: { x: [2, 4, 5, 6, 3], out: 5, kernel: [2, 3, 2] },
  padded: { x: [1, 5, 6, 7, 8], out: 40, kernel: [3, 3, 3], pad: ONE },
  'many channels': { x: [2, 3, 4, 5, 35], out: 17, kernel: [3, 3, 3], pad: ONE },
  strided: { x: [2, 7, 8, 9, 4], out: 6, kernel: [3, 3, 3], strides: [2, 1, 3], pad: ONE },
  dilated: {
    x: [1, 8, 7, 9, 3],
    out: 4,
    kernel: [2, 3, 2],
    dilations: [3, 2, 1],
    pad: [
      [1, 2],
      [2, 2],
      [0, 1],
    ],
  },
  'strides and dilations': {
    x: [2, 9, 8, 7, 3],
    out: 4,
    kernel: [3, 2, 2],
    strides: [2, 2, 1],
    dilations: [2, 3, 2],
    pad: ONE,
  },
  'stride beyond the kernel': { x: [2, 7, 6, 5, 3], out: 4, kernel: [2, 1, 2], strides: [3, 2, 4] },
  'no tap that meets every frame': {
    x: [2, 2, 3, 3, 4],
    out: 20,
    kernel: [5, 3, 3],
    pad: [
      [3, 3],
      [1, 1],
      [1, 1],
    ],
  },
  'frames that meet nothing': {
    x: [1, 2, 3, 3, 2],
    out: 3,
    kernel: [2, 2, 2],
    pad: [
      [3, 4],
      [0, 0],
      [0, 0],
    ],
  },
  '1x1x1': { x: [2, 3, 4, 5, 6], out: 7, kernel: [1, 1, 1] },
  'many frames': { x: [3, 40, 3, 4, 5], out: 6, kernel: [3, 3, 3], pad: ONE },
  'no volume': { x: [0, 3, 3, 3, 2], out: 2, kernel: [2, 2, 2] },
  'no channel': { x: [1, 3, 3, 3, 0], out: 2, kernel: [2, 2, 2] },
  'no output': { x: [1, 1, 3, 3, 2], out: 2, kernel: [2, 2, 2] },
};

describe.runIf(addon).each(isas)('three-dimensional convolution with %s', (isa) => {
  const { conv3d, conv3dBackpropInput, conv3dBackpropFilter } = kernelsOf(isa);

  it.each(Object.entries(cases))('%s: forward and both gradients', (_, v) => {
    const { sizes, count } = geometry(v);
    const [x, filter, dy] = [values(count.x, 1), values(count.filter, 2), values(count.y, 3)];
    const bias = values(v.out, 4);
    const expected = {
      y: new Float64Array(count.y),
      dx: new Float64Array(count.x),
      dw: new Float64Array(count.filter),
    };
    forEachProduct(v, (i, j, k) => {
      expected.y[k]! += x[i]! * filter[j]!;
      expected.dx[i]! += filter[j]! * dy[k]!;
      expected.dw[j]! += x[i]! * dy[k]!;
    });
    const [kd, kh, kw] = v.kernel;
    const depth = kd * kh * kw * Math.max(v.x[4], v.out);
    const y = new Float32Array(count.y).fill(NaN);
    conv3d!(x, filter, null, y, sizes);
    expect(error(y, expected.y, depth)).toBeLessThan(1);
    conv3d!(x, filter, bias, y.fill(NaN), sizes);
    const moved = expected.y.map((value, i) => value + bias[i % v.out]!);
    expect(error(y, moved, depth)).toBeLessThan(1);
    const dx = new Float32Array(count.x).fill(NaN);
    conv3dBackpropInput!(dy, filter, dx, sizes);
    expect(error(dx, expected.dx, depth)).toBeLessThan(1);
    const dw = new Float32Array(count.filter).fill(NaN);
    conv3dBackpropFilter!(x, dy, dw, sizes);
    expect(error(dw, expected.dw, count.y / Math.max(v.out, 1))).toBeLessThan(1);
  });

  it('gives the same bits with any number of threads', () => {
    for (const v of [
      { ...cases['padded']!, x: [3, 9, 16, 15, 8] },
      { ...cases['strides and dilations']!, x: [4, 19, 18, 17, 3] },
      cases['many frames']!,
    ] as Volume[]) {
      const { sizes, count } = geometry(v);
      const [x, filter, dy] = [values(count.x, 1), values(count.filter, 2), values(count.y, 3)];
      const results = [1, 2, 4].map((threads) => {
        addon!.setThreads(threads);
        const all = [count.y, count.x, count.filter].map((n) => new Float32Array(n).fill(NaN));
        conv3d!(x, filter, null, all[0]!, sizes);
        conv3dBackpropInput!(dy, filter, all[1]!, sizes);
        conv3dBackpropFilter!(x, dy, all[2]!, sizes);
        return all.map((array) => Buffer.from(array.buffer).toString('base64')).join();
      });
      addon!.setThreads(2);
      expect(new Set(results).size).toBe(1);
    }
  });

  it('refuses sizes that make no sense, and arrays that are too short', () => {
    const { sizes, count } = geometry(cases['valid']!);
    const [x, filter, y] = [values(count.x, 1), values(count.filter, 2), new Float32Array(count.y)];
    expect(() => conv3d!(x, filter, null, y, sizes.with(9, 0))).toThrow('size 9');
    expect(() => conv3d!(x, filter, null, y, sizes.with(18, -1))).toThrow('size 18');
    expect(() => conv3d!(x.subarray(1), filter, null, y, sizes)).toThrow(String(count.x));
    expect(() => conv3dBackpropInput!(y, filter, x.subarray(1), sizes)).toThrow(String(count.x));
    expect(() => conv3dBackpropFilter!(x, y, filter.subarray(1), sizes)).toThrow();
  });
});
