/** The same elements in another shape, order or number. */
import * as core from '@stratajs/core';
import type { Drawing, Value, Want } from '../drawing.js';
import { type ProgramDType, sizeOf } from '../program.js';
import type { ProgramOp, ProgramOps } from './program-op.js';

const DTYPES: readonly ProgramDType[] = ['float32', 'float32', 'float32', 'int32', 'bool'];

/** An argument of any dtype. */
function any(d: Drawing, want: Omit<Want, 'dtype'> = {}): Value {
  return d.take({ ...want, dtype: d.pick(DTYPES) });
}

/** An argument with at least one axis. */
function withAxes(d: Drawing): Value {
  return any(d, { fits: (s) => s.length > 0, shape: () => d.shape(1) });
}

function along(rank: number, axis: number): number {
  return axis < 0 ? axis + rank : axis;
}

function replaced(shape: readonly number[], at: number, ...sizes: number[]): number[] {
  return [...shape.slice(0, at), ...sizes, ...shape.slice(at + 1)];
}

/** The sizes of `shape` multiplied together in another grouping. */
function regrouped(d: Drawing, shape: readonly number[]): number[] {
  const sizes: number[] = [];
  for (const n of d.shuffled(shape)) {
    if (n === 1 && d.chance(0.5)) continue;
    if (sizes.length > 0 && d.chance(0.3)) sizes[sizes.length - 1]! *= n;
    else if (n > 1 && n % 2 === 0 && d.chance(0.3)) sizes.push(2, n / 2);
    else sizes.push(n);
  }
  if (d.chance(0.2)) sizes.splice(d.below(sizes.length + 1), 0, 1);
  return sizes.slice(0, 6).concat(sizes.length > 6 ? [sizeOf(sizes.slice(6))] : []);
}

/** An operation with one argument. */
function of(
  draw: (
    d: Drawing,
  ) => { x: Value; options?: Record<string, unknown>; shape: number[] } | undefined,
  apply: ProgramOp['apply'],
): ProgramOp {
  return {
    special: true,
    draw(d) {
      const drawn = draw(d);
      if (!drawn || !d.holds(drawn.shape)) return undefined;
      const { x, options = {}, shape } = drawn;
      return { inputs: [x], options, results: [{ ...x, shape }] };
    },
    apply,
  };
}

function same(f: (x: core.Tensor) => core.Tensor): ProgramOp {
  const draw = (d: Drawing): { x: Value; shape: number[] } => {
    const x = any(d);
    return { x, shape: [...x.shape] };
  };
  return of(draw, ([x]) => f(x));
}

export const movement: ProgramOps = {
  identity: same(core.identity),
  stopGradient: same(core.stopGradient),
  reshape: of(
    (d) => {
      const x = any(d);
      const shape = regrouped(d, x.shape);
      // One size left to be worked out.
      const open =
        sizeOf(shape) > 0 && shape.length > 0 && d.chance(0.3) ? d.below(shape.length) : -1;
      return { x, options: { shape: shape.map((n, i) => (i === open ? -1 : n)) }, shape };
    },
    ([x], { shape }: { shape: number[] }) => core.reshape(x, shape),
  ),
  flatten: of(
    (d) => {
      const x = any(d);
      const rank = x.shape.length;
      if (rank === 0) return { x, options: { startAxis: 0 }, shape: [1] };
      const startAxis = d.axis(rank);
      const at = along(rank, startAxis);
      return {
        x,
        options: { startAxis },
        shape: [...x.shape.slice(0, at), sizeOf(x.shape.slice(at))],
      };
    },
    ([x], { startAxis }: { startAxis: number }) => core.flatten(x, startAxis),
  ),
  transpose: of(
    (d) => {
      const x = any(d);
      const axes = Array.from({ length: x.shape.length }, (_, i) => i);
      if (d.chance(0.2)) return { x, shape: [...x.shape].reverse() };
      const perm = d.shuffled(axes);
      return { x, options: { perm }, shape: perm.map((i) => x.shape[i]!) };
    },
    ([x], { perm }: { perm?: number[] }) => core.transpose(x, perm),
  ),
  expandDims: of(
    (d) => {
      const x = any(d);
      const axis = d.axis(x.shape.length + 1);
      const at = along(x.shape.length + 1, axis);
      return { x, options: { axis }, shape: [...x.shape.slice(0, at), 1, ...x.shape.slice(at)] };
    },
    ([x], { axis }: { axis: number }) => core.expandDims(x, axis),
  ),
  squeeze: of(
    (d) => {
      const x = any(d);
      if (d.chance(0.4)) return { x, shape: x.shape.filter((n) => n !== 1) };
      const ones = x.shape.flatMap((n, i) => (n === 1 ? [i] : []));
      const axes = d.shuffled(ones).slice(0, d.below(ones.length + 1));
      return { x, options: { axes }, shape: x.shape.filter((_, i) => !axes.includes(i)) };
    },
    ([x], { axes }: { axes?: number[] }) => core.squeeze(x, axes),
  ),
  tile: of(
    (d) => {
      const x = any(d);
      const reps = x.shape.map(() => d.pick([1, 1, 2, 3, d.chance(0.2) ? 0 : 1]));
      return { x, options: { reps }, shape: x.shape.map((n, i) => n * reps[i]!) };
    },
    ([x], { reps }: { reps: number[] }) => core.tile(x, reps),
  ),
  broadcastTo: of(
    (d) => {
      const shape = d.shape();
      const x = any(d, {
        fits: (s) =>
          s.length <= shape.length &&
          s.every((n, i) => n === 1 || n === shape[shape.length - s.length + i]),
        shape: () => d.broadcastable(shape),
      });
      return { x, options: { shape }, shape };
    },
    ([x], { shape }: { shape: number[] }) => core.broadcastTo(x, shape),
  ),
  reverse: of(
    (d) => {
      const x = any(d);
      const axes = d.axes(x.shape.length);
      return { x, options: d.chance(0.3) ? {} : { axes }, shape: [...x.shape] };
    },
    ([x], { axes }: { axes?: number[] }) => core.reverse(x, axes),
  ),
  slice: of(
    (d) => {
      const x = any(d);
      const listed = x.shape.slice(0, d.between(0, x.shape.length));
      const begin = listed.map((n) => d.between(0, n));
      const size = listed.map((n, i) => (d.chance(0.2) ? -1 : d.between(0, n - begin[i]!)));
      const shape = x.shape.map((n, i) => {
        const count = size[i] ?? -1;
        return count === -1 ? n - (begin[i] ?? 0) : count;
      });
      return { x, options: { begin, size }, shape };
    },
    ([x], { begin, size }: { begin: number[]; size: number[] }) => core.slice(x, begin, size),
  ),
  stridedSlice: of(
    (d) => {
      const x = any(d);
      const listed = x.shape.slice(0, d.between(0, x.shape.length));
      const place = (n: number): number | null => (d.chance(0.3) ? null : d.between(-n - 1, n + 1));
      const begin = listed.map(place);
      const end = listed.map(place);
      const strides = listed.map(() => d.pick([1, 1, 2, 3, -1, -2]));
      const shape = x.shape.map((n, i) =>
        i < listed.length ? rangeLength(n, begin[i]!, end[i]!, strides[i]!) : n,
      );
      return { x, options: { begin, end, strides }, shape };
    },
    ([x], { begin, end, strides }: Record<'begin' | 'end' | 'strides', number[]>) =>
      core.stridedSlice(x, begin, end, strides),
  ),
  pad: {
    special: true,
    draw(d) {
      const x = any(d, { low: -64, high: 64 });
      const paddings = x.shape.map(() => [d.pick([0, 0, 1, 2]), d.pick([0, 0, 1, 3])]);
      const shape = x.shape.map((n, i) => n + paddings[i]![0]! + paddings[i]![1]!);
      if (!d.holds(shape)) return undefined;
      const value =
        x.dtype === 'bool'
          ? d.below(2)
          : x.dtype === 'int32'
            ? d.between(-9, 9)
            : d.pick([0, -1.5]);
      return { inputs: [x], options: { paddings, value }, results: [{ ...x, shape }] };
    },
    apply: ([x], { paddings, value }: { paddings: [number, number][]; value: number }) =>
      core.pad(x, paddings, value),
  },
  mirrorPad: of(
    (d) => {
      const x = any(d);
      const mode = d.pick(['reflect', 'symmetric']);
      const most = (n: number): number => Math.min(4, Math.max(0, mode === 'reflect' ? n - 1 : n));
      const paddings = x.shape.map((n) => [d.between(0, most(n)), d.between(0, most(n))]);
      return {
        x,
        options: { paddings, mode },
        shape: x.shape.map((n, i) => n + paddings[i]![0]! + paddings[i]![1]!),
      };
    },
    ([x], { paddings, mode }: { paddings: [number, number][]; mode: 'reflect' | 'symmetric' }) =>
      core.mirrorPad(x, paddings, mode),
  ),
  depthToSpace: of(
    (d) => {
      const blockSize = d.between(1, 3);
      const area = blockSize ** 2;
      const x = any(d, {
        fits: (s) => s.length === 4 && s[3]! % area === 0,
        shape: () => [d.size(0, 3), d.size(0, 5), d.size(0, 5), area * d.between(1, 3)],
      });
      const [n, h, w, c] = x.shape as [number, number, number, number];
      return { x, options: { blockSize }, shape: [n, h * blockSize, w * blockSize, c / area] };
    },
    ([x], { blockSize }: { blockSize: number }) => core.depthToSpace(x, blockSize),
  ),
  concat: {
    special: true,
    draw(d) {
      const first = withAxes(d);
      const { shape, dtype } = first;
      const axis = d.axis(shape.length);
      const at = along(shape.length, axis);
      const others = Array.from({ length: d.below(4) }, () => {
        const fits = (s: readonly number[]): boolean =>
          s.length === shape.length && s.every((n, i) => i === at || n === shape[i]);
        return d.take({ dtype, fits, shape: () => replaced(shape, at, d.size(0, 5)) });
      });
      const all = [first, ...others];
      const total = all.reduce((sum, v) => sum + v.shape[at]!, 0);
      const result = replaced(shape, at, total);
      if (!d.holds(result)) return undefined;
      return { inputs: all, options: { axis }, results: [bounded(all, result, dtype)] };
    },
    apply: (xs, { axis }: { axis: number }) => core.concat(xs, axis),
  },
  stack: {
    special: true,
    draw(d) {
      const first = any(d);
      const { shape, dtype } = first;
      const all = [
        first,
        ...Array.from({ length: d.below(4) }, () => d.takeShape(shape, { dtype })),
      ];
      const axis = d.axis(shape.length + 1);
      const at = along(shape.length + 1, axis);
      const result = [...shape.slice(0, at), all.length, ...shape.slice(at)];
      if (!d.holds(result)) return undefined;
      return { inputs: all, options: { axis }, results: [bounded(all, result, dtype)] };
    },
    apply: (xs, { axis }: { axis: number }) => core.stack(xs, axis),
  },
  unstack: {
    special: true,
    draw(d) {
      const x = any(d, {
        fits: (s) => s.length > 0 && s.every((n) => n < 9),
        shape: () => d.shape(1, 4).map((n) => Math.min(n, 5)),
      });
      const axis = d.axis(x.shape.length);
      const at = along(x.shape.length, axis);
      const result = { ...x, shape: replaced(x.shape, at) };
      const results = Array.from({ length: x.shape[at]! }, () => ({ ...result }));
      return { inputs: [x], options: { axis }, results };
    },
    apply: ([x], { axis }: { axis: number }) => core.unstack(x, axis),
  },
  split: {
    special: true,
    draw(d) {
      const x = withAxes(d);
      const axis = d.axis(x.shape.length);
      const at = along(x.shape.length, axis);
      const length = x.shape[at]!;
      const even = [2, 3, 4].filter((n) => length % n === 0);
      const count = even.length > 0 && d.chance(0.5) ? d.pick(even) : undefined;
      const sizes = count ? Array.from({ length: count }, () => length / count) : parts(d, length);
      const results = sizes.map((n) => ({ ...x, shape: replaced(x.shape, at, n) }));
      return { inputs: [x], options: { parts: count ?? sizes, axis }, results };
    },
    apply: ([x], { parts: sizes, axis }: { parts: number | number[]; axis: number }) =>
      core.split(x, sizes, axis),
  },
};

/** As NumPy's x[begin:end:stride] has. */
function rangeLength(n: number, begin: number | null, end: number | null, stride: number): number {
  const [lowest, highest] = stride > 0 ? [0, n] : [-1, n - 1];
  const place = (v: number | null, open: number): number =>
    v === null ? open : Math.min(Math.max(v < 0 ? v + n : v, lowest), highest);
  const from = place(begin, stride > 0 ? 0 : n - 1);
  const to = place(end, stride > 0 ? n : -1);
  return Math.max(0, Math.ceil((to - from) / stride));
}

function parts(d: Drawing, length: number): number[] {
  const sizes: number[] = [];
  for (let left = length, i = 0; i < 3; i++) {
    const n = i === 2 ? left : d.between(0, left);
    sizes.push(n);
    left -= n;
  }
  return sizes;
}

function bounded(all: readonly Value[], shape: readonly number[], dtype: ProgramDType): Value {
  const low = Math.min(...all.map((v) => v.low));
  const high = Math.max(...all.map((v) => v.high));
  return { shape, dtype, low, high };
}
