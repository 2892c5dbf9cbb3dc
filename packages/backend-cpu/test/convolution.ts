// The sizes of a convolution as native code takes them, and its products one by one: the plainest reference there is.

/** Heights before widths. */
export interface Convolution {
  /** Images, height, width, channels. */
  x: [number, number, number, number];
  /** Output channels; of a depthwise convolution, a multiple of the channels of x. */
  out: number;
  kernel: [number, number];
  strides?: [number, number];
  dilations?: [number, number];
  /** Before and after, of heights and of widths. */
  pad?: [[number, number], [number, number]];
  depthwise?: boolean;
  /** Default 1. */
  groups?: number;
}

/** Channels that one output sums over. */
function perOutput({ x, depthwise = false, groups = 1 }: Convolution): number {
  return depthwise ? 1 : x[3] / groups;
}

interface Geometry {
  /** As in native/conv/geometry.h. */
  sizes: Int32Array;
  inputs: number;
  filters: number;
  outputs: number;
  /** Outputs per channel. */
  positions: number;
}

export function geometry(c: Convolution): Geometry {
  const { x, out, kernel, strides = [1, 1], dilations = [1, 1] } = c;
  const [rows, columns] = c.pad ?? [
    [0, 0],
    [0, 0],
  ];
  const [n, h, w, channels] = x;
  const length = (size: number, pads: [number, number], axis: 0 | 1): number => {
    const reach = (kernel[axis] - 1) * dilations[axis] + 1;
    return Math.max(0, Math.floor((size + pads[0] + pads[1] - reach) / strides[axis]) + 1);
  };
  const [oh, ow] = [length(h, rows, 0), length(w, columns, 1)];
  return {
    sizes: Int32Array.from([
      n,
      h,
      w,
      channels,
      oh,
      ow,
      out,
      ...kernel,
      ...strides,
      ...dilations,
      rows[0],
      columns[0],
    ]),
    inputs: n * h * w * channels,
    filters: kernel[0] * kernel[1] * perOutput(c) * out,
    outputs: n * oh * ow * out,
    positions: n * oh * ow,
  };
}

/** Calls visit(index of x, of the filter's element, of y) for every product of the convolution. */
export function forEachProduct(
  c: Convolution,
  visit: (x: number, filter: number, y: number) => void,
): void {
  const { x, out, kernel, strides = [1, 1], dilations = [1, 1] } = c;
  const [n, h, w, channels] = x;
  const [top, left] = [c.pad?.[0][0] ?? 0, c.pad?.[1][0] ?? 0];
  const [oh, ow] = geometry(c).sizes.subarray(4, 6) as unknown as [number, number];
  const depth = perOutput(c);
  const groups = depth === 0 ? 1 : channels / depth;
  for (let b = 0; b < n; ++b) {
    for (let r = 0; r < oh; ++r) {
      for (let q = 0; q < ow; ++q) {
        for (let t = 0; t < kernel[0]; ++t) {
          const i = r * strides[0] + t * dilations[0] - top;
          if (i < 0 || i >= h) continue;
          for (let u = 0; u < kernel[1]; ++u) {
            const j = q * strides[1] + u * dilations[1] - left;
            if (j < 0 || j >= w) continue;
            for (let k = 0; k < depth; ++k) {
              for (let o = 0; o < out; ++o) {
                const channel = Math.floor((o * groups) / out) * depth + k;
                visit(
                  ((b * h + i) * w + j) * channels + channel,
                  ((t * kernel[1] + u) * depth + k) * out + o,
                  ((b * oh + r) * ow + q) * out + o,
                );
              }
            }
          }
        }
      }
    }
  }
}

/** The largest difference, relative to `scale`: by default the largest magnitude that was expected. */
export function relativeError(
  actual: Float32Array,
  expected: Float64Array,
  scale: number = expected.reduce((most, v) => Math.max(most, Math.abs(v)), 0),
): number {
  let worst = actual.length === expected.length ? 0 : Infinity;
  for (let i = 0; i < expected.length; ++i) {
    const difference = Math.abs(actual[i]! - expected[i]!) / (scale || 1);
    // Written so that NaN counts as an error.
    if (!(difference <= worst)) worst = difference;
  }
  return worst;
}
