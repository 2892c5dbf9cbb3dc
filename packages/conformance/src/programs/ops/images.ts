/** Convolutions, pools and resizing: channels last, as core has them. */
import * as core from '@stratajs/core';
import type { Drawing, Drawn, Value } from '../drawing.js';
import { sizeOf } from '../program.js';
import type { ProgramOps } from './program-op.js';

const FACTOR = { low: -8, high: 8 };

type Pairs = [before: number, after: number][];

interface Geometry {
  readonly kernel: number[];
  readonly strides: number[];
  readonly dilations: number[];
  readonly padding: core.Padding;
  readonly output: number[];
}

/** Windows over spatial axes of these sizes; undefined when they do not fit. */
function windows(
  d: Drawing,
  input: readonly number[],
  pool: boolean = false,
): Geometry | undefined {
  const same3 = d.chance(0.3); // The commonest of all: kernels have ways of their own for it.
  const kernel = input.map(() => (same3 ? 3 : d.pick([1, 2, 3, 3, 4, 5])));
  const strides = input.map(() => (same3 ? 1 : d.pick([1, 1, 1, 2, 3])));
  const dilations = input.map(() => (same3 || pool ? 1 : d.pick([1, 1, 1, 2])));
  const kind = d.pick(['same', 'valid', 'number', 'pairs']);
  const amount = (k: number): number => d.between(0, Math.min(2, k - 1));
  let padding: core.Padding = 'valid';
  let pairs: Pairs = input.map(() => [0, 0]);
  if (kind === 'same') {
    padding = 'same';
    pairs = input.map((n, i) => samePair(n, kernel[i]!, strides[i]!, dilations[i]!));
  } else if (kind === 'number') {
    const n = amount(Math.min(...kernel));
    padding = n;
    pairs = input.map(() => [n, n]);
  } else if (kind === 'pairs') {
    pairs = kernel.map((k) => [amount(k), amount(k)]);
    padding = pairs;
  }
  const output = input.map((n, i) => {
    const reach = (kernel[i]! - 1) * dilations[i]! + 1;
    return Math.floor((n + pairs[i]![0] + pairs[i]![1] - reach) / strides[i]!) + 1;
  });
  return output.every((n) => n > 0) ? { kernel, strides, dilations, padding, output } : undefined;
}

function samePair(
  size: number,
  kernel: number,
  stride: number,
  dilation: number,
): [number, number] {
  const reach = (kernel - 1) * dilation + 1;
  const needed = Math.max(0, (Math.ceil(size / stride) - 1) * stride + reach - size);
  return [Math.floor(needed / 2), needed - Math.floor(needed / 2)];
}

/** An image [N, …sizes, C] with `count` spatial axes. */
function image(d: Drawing, count: number, channels: () => number): Value {
  const side = count === 1 ? 33 : count === 2 ? 17 : 6;
  return d.take({
    fits: (s) => s.length === count + 2 && s.slice(1).every((n) => n > 0),
    shape: () => [
      d.size(0, 3),
      ...Array.from({ length: count }, () => d.size(1, side)),
      channels(),
    ],
    ...FACTOR,
  });
}

function convolution(
  d: Drawing,
  count: number,
  filterOf: (channels: number) => { filter: number[]; out: number; terms: number },
): Drawn | undefined {
  const x = image(d, count, () => d.pick([1, 2, 3, 4, 5, 8, 16, 17]));
  const window = windows(d, x.shape.slice(1, -1));
  if (!window) return undefined;
  const { kernel, strides, dilations, padding, output } = window;
  const { filter, out, terms } = filterOf(x.shape.at(-1)!);
  const shape = [x.shape[0]!, ...output, out];
  if (![x.shape, [...kernel, ...filter], shape].every((s) => d.holds(s))) return undefined;
  const inputs = [x, d.takeShape([...kernel, ...filter], { low: -2, high: 2 })];
  if (d.chance(0.5)) inputs.push(d.takeShape([out], FACTOR));
  const most = 16 * sizeOf(kernel) * terms + 8;
  const single = count === 1;
  return {
    inputs,
    options: {
      strides: single ? strides[0] : strides,
      dilations: single ? dilations[0] : dilations,
      padding,
    },
    results: [{ shape, dtype: 'float32', low: -most, high: most }],
  };
}

function plain(d: Drawing): (channels: number) => { filter: number[]; out: number; terms: number } {
  const out = d.pick([1, 2, 3, 4, 7, 8, 16, 17, 33]);
  return (channels) => ({ filter: [channels, out], out, terms: channels });
}

/** A convolution in groups of channels. */
function grouped(d: Drawing): Drawn | undefined {
  const each = d.pick([1, 2, 3, 8]);
  let groups = 1;
  const drawn = convolution(d, 2, (channels) => {
    groups = d.pick([1, 2, 3, 4, 8, 16].filter((n) => channels % n === 0));
    return {
      filter: [channels / groups, groups * each],
      out: groups * each,
      terms: channels / groups,
    };
  });
  return drawn && { ...drawn, options: { ...drawn.options, groups } };
}

const ALGORITHMS = ['direct', 'im2col', 'fft', 'winograd-2x2', 'winograd-4x4'];

type Convolved = { strides: never; dilations: never; padding: core.Padding };

function pooled(d: Drawing): Drawn | undefined {
  const x = image(d, 2, () => d.size(1, 33));
  const window = windows(d, x.shape.slice(1, 3), true);
  if (!window) return undefined;
  const { kernel, strides, padding, output } = window;
  const shape = [x.shape[0]!, ...output, x.shape[3]!];
  if (!d.holds(x.shape) || !d.holds(shape)) return undefined;
  // Padding as wide as the window is refused; 'same' with strides can ask for it.
  if (
    padding === 'same' &&
    kernel.some((k, i) => samePair(x.shape[i + 1]!, k, strides[i]!, 1)[1] >= k)
  ) {
    return undefined;
  }
  return {
    inputs: [x],
    options: { kernelSize: kernel, strides, padding },
    results: [{ ...x, shape }],
  };
}

type Pooled = core.Pool2dOptions & Record<string, unknown>;

function resized(d: Drawing, halfPixel: boolean): Drawn | undefined {
  const x = image(d, 2, () => d.size(1, 17));
  const size = [d.size(1, 17), d.size(1, 17)];
  const shape = [x.shape[0]!, ...size, x.shape[3]!];
  if (!d.holds(x.shape) || !d.holds(shape)) return undefined;
  const alignCorners = d.chance(0.3);
  const halfPixelCenters = !alignCorners && (halfPixel || d.chance(0.5));
  return {
    inputs: [x],
    options: { size, alignCorners, halfPixelCenters },
    results: [{ ...x, shape }],
  };
}

type Resized = { size: [number, number]; alignCorners: boolean; halfPixelCenters: boolean };

export const images: ProgramOps = {
  conv1d: {
    draw: (d) => convolution(d, 1, plain(d)),
    apply: ([x, filter, bias], options: Convolved) => core.conv1d(x, filter, { ...options, bias }),
  },
  conv2d: {
    draw(d) {
      if (d.chance(0.3)) return grouped(d);
      const drawn = convolution(d, 2, plain(d));
      if (!drawn || d.chance(0.5)) return drawn;
      const { strides, dilations } = drawn.options as Record<'strides' | 'dilations', number[]>;
      const simple = [...strides, ...dilations].every((n) => n === 1);
      const kernel = drawn.inputs[1]!.shape.slice(0, 2);
      const winograd = simple && kernel.every((n) => n === 3);
      const algorithm = d.pick(ALGORITHMS.slice(0, winograd ? 5 : simple ? 3 : 2));
      return { ...drawn, options: { ...drawn.options, algorithm } };
    },
    apply: ([x, filter, bias], options: Convolved) => core.conv2d(x, filter, { ...options, bias }),
  },
  conv3d: {
    draw: (d) => convolution(d, 3, plain(d)),
    apply: ([x, filter, bias], options: Convolved) => core.conv3d(x, filter, { ...options, bias }),
  },
  depthwiseConv2d: {
    draw(d) {
      const multiplier = d.between(1, 3);
      return convolution(d, 2, (channels) => ({
        filter: [channels, multiplier],
        out: channels * multiplier,
        terms: 1,
      }));
    },
    apply: ([x, filter, bias], options: Convolved) =>
      core.depthwiseConv2d(x, filter, { ...options, bias }),
  },
  convTranspose2d: {
    draw(d) {
      // Drawn backwards: x has the shape of the result of the convolution that this transposes.
      const size = [d.size(1, 17), d.size(1, 17)];
      const window = windows(d, size);
      if (!window) return undefined;
      const { kernel, strides, dilations, padding, output } = window;
      const pairs = padding === 'same' ? null : pairsOf(padding, 2);
      const extra = output.map((n, i) => {
        if (!pairs) return 0;
        const reach = (kernel[i]! - 1) * dilations[i]! + 1;
        return size[i]! - ((n - 1) * strides[i]! + reach - pairs[i]![0] - pairs[i]![1]);
      });
      const sized = pairs ? size : output.map((n, i) => n * strides[i]!);
      const x = d.take({
        fits: (s) => s.length === 4 && s[1] === output[0] && s[2] === output[1] && s[3]! > 0,
        shape: () => [d.size(0, 3), ...output, d.pick([1, 2, 3, 4, 8, 17])],
        ...FACTOR,
      });
      const out = d.pick([1, 2, 3, 4, 8, 17]);
      const shape = [x.shape[0]!, ...sized, out];
      const filter = [...kernel, out, x.shape[3]!];
      if (![x.shape, filter, shape].every((s) => d.holds(s))) return undefined;
      const inputs = [x, d.takeShape(filter, { low: -2, high: 2 })];
      if (d.chance(0.5)) inputs.push(d.takeShape([out], FACTOR));
      const most = 16 * sizeOf(kernel) * x.shape[3]! + 8;
      return {
        inputs,
        options: { strides, dilations, padding, outputPadding: extra },
        results: [{ shape, dtype: 'float32', low: -most, high: most }],
      };
    },
    apply: ([x, filter, bias], options: Convolved) =>
      core.convTranspose2d(x, filter, { ...options, bias }),
  },
  maxPool2d: {
    draw: pooled,
    apply: ([x], options: Pooled) => core.maxPool2d(x, options),
  },
  maxPool2dWithIndices: {
    draw(d) {
      const drawn = pooled(d);
      if (!drawn) return undefined;
      const [values] = drawn.results as [Value];
      const high = Math.max(0, sizeOf(drawn.inputs[0]!.shape) - 1);
      const indices: Value = { shape: values.shape, dtype: 'int32', low: 0, high };
      return { ...drawn, results: [values, indices] };
    },
    apply([x], options: Pooled) {
      const { values, indices } = core.maxPool2dWithIndices(x, options);
      return [values, indices];
    },
  },
  avgPool2d: {
    draw: pooled,
    apply: ([x], options: Pooled) => core.avgPool2d(x, options),
  },
  resizeBilinear: {
    draw: (d) => resized(d, true),
    apply: ([x], { size, ...options }: Resized) => core.resizeBilinear(x, size, options),
  },
  resizeNearestNeighbor: {
    draw: (d) => resized(d, false),
    apply: ([x], { size, ...options }: Resized) => core.resizeNearestNeighbor(x, size, options),
  },
};

function pairsOf(
  padding: Exclude<core.Padding, 'same'>,
  count: number,
): readonly (readonly [number, number])[] {
  if (padding === 'valid') return Array.from({ length: count }, () => [0, 0] as const);
  if (typeof padding === 'number')
    return Array.from({ length: count }, () => [padding, padding] as const);
  return padding;
}
