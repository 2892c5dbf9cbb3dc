/** Many elements to one, running sums, and where the extremes are. */
import * as core from '@stratajs/core';
import { type Drawing, WIDEST } from '../drawing.js';
import { type ProgramDType, sizeOf } from '../program.js';
import type { ProgramOp, ProgramOps } from './program-op.js';

type Reduction = (x: core.Tensor, options: core.ReduceOptions) => core.Tensor;

/** Axes as an operation takes them: none (all), one, or several. */
function drawAxes(d: Drawing, rank: number): number | number[] | undefined {
  const kind = rank === 0 ? d.pick([0, 2]) : d.below(3);
  if (kind === 0) return undefined;
  return kind === 1 ? d.axis(rank) : d.axes(rank);
}

function indices(axis: number | readonly number[] | undefined, rank: number): number[] {
  if (axis === undefined) return Array.from({ length: rank }, (_, i) => i);
  return [axis].flat().map((i) => (i < 0 ? i + rank : i));
}

function without(shape: readonly number[], axes: readonly number[], keepDims: boolean): number[] {
  return shape.flatMap((n, i) => (axes.includes(i) ? (keepDims ? [1] : []) : [n]));
}

interface Kind {
  readonly dtypes: readonly ProgramDType[];
  readonly result: (dtype: ProgramDType) => ProgramDType;
  /** Bounds of the elements. */
  readonly bounds: readonly [number, number];
  /** Bounds of the result. */
  readonly range: (count: number) => readonly [number, number];
  /** Whether no elements have a result. */
  readonly ofNothing: boolean;
}

function reduction(f: Reduction, { dtypes, result, bounds, range, ofNothing }: Kind): ProgramOp {
  return {
    draw(d) {
      const dtype = d.pick(dtypes);
      const x = d.take({ dtype, low: bounds[0], high: bounds[1] });
      const axis = drawAxes(d, x.shape.length);
      const keepDims = d.chance(0.4);
      const axes = indices(axis, x.shape.length);
      const shape = without(x.shape, axes, keepDims);
      if (!ofNothing && sizeOf(x.shape) === 0 && sizeOf(shape) > 0) return undefined;
      const [low, high] = range(sizeOf(axes.map((i) => x.shape[i]!)));
      return {
        inputs: [x],
        options: { ...(axis !== undefined && { axis }), keepDims },
        results: [{ shape, dtype: result(dtype), low, high }],
      };
    },
    apply: ([x], options) => f(x, options),
  };
}

const NUMBERS: readonly ProgramDType[] = ['float32', 'float32', 'float32', 'int32', 'bool'];
const same = (dtype: ProgramDType): ProgramDType => (dtype === 'bool' ? 'int32' : dtype);
const float = (): ProgramDType => 'float32';
const truth: Kind = {
  dtypes: ['bool'],
  result: () => 'bool',
  bounds: [0, 1],
  range: () => [0, 1],
  ofNothing: true,
};
const within = (low: number, high: number) => (): readonly [number, number] => [low, high];

function alongLast(
  f: (x: core.Tensor, axis: number) => core.Tensor,
  high: number,
  low: number,
): ProgramOp {
  return {
    draw(d) {
      const x = d.take({ fits: (s) => s.length > 0, shape: () => d.shape(1), low: -64, high: 64 });
      const axis = d.axis(x.shape.length);
      return { inputs: [x], options: { axis }, results: [{ ...x, low, high }] };
    },
    apply: ([x], { axis }: { axis: number }) => f(x, axis),
  };
}

function extreme(f: (x: core.Tensor, axis: number) => core.Tensor): ProgramOp {
  return {
    draw(d) {
      const dtype = d.pick<ProgramDType>(['float32', 'float32', 'int32']);
      const x = d.take({ dtype, fits: (s) => s.length > 0, shape: () => d.shape(1) });
      const axis = d.axis(x.shape.length);
      const [at] = indices(axis, x.shape.length) as [number];
      const length = x.shape[at]!;
      if (length === 0) return undefined;
      const shape = without(x.shape, [at], false);
      return {
        inputs: [x],
        options: { axis },
        results: [{ shape, dtype: 'int32', low: 0, high: length - 1 }],
      };
    },
    apply: ([x], { axis }: { axis: number }) => f(x, axis),
  };
}

/** Of equal elements the order is defined, and so is that of NaN. */
function order(
  f: (x: core.Tensor, axis: number, options: core.SortOptions) => core.Tensor,
  places: boolean,
): ProgramOp {
  return {
    special: true,
    draw(d) {
      const dtype = d.pick<ProgramDType>(['float32', 'float32', 'int32']);
      const x = d.take({ dtype, fits: (s) => s.length > 0, shape: () => d.shape(1) });
      const axis = d.axis(x.shape.length);
      const most = Math.max(0, x.shape.at(axis)! - 1);
      return {
        inputs: [x],
        options: { axis, descending: d.chance(0.5) },
        results: [places ? { shape: x.shape, dtype: 'int32', low: 0, high: most } : { ...x }],
      };
    },
    apply: ([x], { axis, descending }: { axis: number; descending: boolean }) =>
      f(x, axis, { descending }),
  };
}

export const reductions: ProgramOps = {
  sum: reduction(core.sum, {
    dtypes: NUMBERS,
    result: same,
    bounds: [-256, 256],
    range: (n) => [-256 * n, 256 * n],
    ofNothing: true,
  }),
  mean: reduction(core.mean, {
    dtypes: NUMBERS,
    result: float,
    bounds: [-WIDEST, WIDEST],
    range: within(-WIDEST, WIDEST),
    ofNothing: false,
  }),
  prod: reduction(core.prod, {
    dtypes: NUMBERS,
    result: same,
    // Products of many elements near 1 stay near 1.
    bounds: [-1, 1],
    range: within(-1, 1),
    ofNothing: true,
  }),
  max: reduction(core.max, {
    dtypes: NUMBERS,
    result: same,
    bounds: [-WIDEST, WIDEST],
    range: within(-WIDEST, WIDEST),
    ofNothing: false,
  }),
  min: reduction(core.min, {
    dtypes: NUMBERS,
    result: same,
    bounds: [-WIDEST, WIDEST],
    range: within(-WIDEST, WIDEST),
    ofNothing: false,
  }),
  all: reduction(core.all, truth),
  any: reduction(core.any, truth),
  variance: reduction(core.variance, {
    dtypes: NUMBERS,
    result: float,
    bounds: [-64, 64],
    range: within(0, 64 ** 2),
    ofNothing: false,
  }),
  norm: reduction(core.norm, {
    dtypes: NUMBERS,
    result: float,
    bounds: [-256, 256],
    range: (n) => [0, 256 * n],
    ofNothing: true,
  }),
  logSumExp: {
    draw(d) {
      const x = d.take({ low: -64, high: 64 });
      const axis = drawAxes(d, x.shape.length);
      const keepDims = d.chance(0.4);
      const axes = indices(axis, x.shape.length);
      if (sizeOf(x.shape) === 0) return undefined;
      const shape = without(x.shape, axes, keepDims);
      return {
        inputs: [x],
        options: { ...(axis !== undefined && { axis }), keepDims },
        results: [{ shape, dtype: 'float32', low: -64, high: 80 }],
      };
    },
    apply: ([x], { axis, keepDims }: { axis?: number | number[]; keepDims: boolean }) =>
      core.logSumExp(x, axis, keepDims),
  },
  softmax: alongLast(core.softmax, 1, 0),
  logSoftmax: alongLast(core.logSoftmax, 0, -160),
  argMax: extreme(core.argMax),
  argMin: extreme(core.argMin),
  sort: order(core.sort, false),
  argsort: order(core.argsort, true),
  cumsum: {
    draw(d) {
      const dtype = d.pick<ProgramDType>(['float32', 'float32', 'int32']);
      const want = { dtype, low: -64, high: 64 };
      const x = d.take({ ...want, fits: (s) => s.length > 0, shape: () => d.shape(1) });
      const axis = d.axis(x.shape.length);
      const most = 64 * Math.max(1, x.shape.at(axis)!);
      return {
        inputs: [x],
        options: { axis, exclusive: d.chance(0.4), reverse: d.chance(0.4) },
        results: [{ ...x, low: -most, high: most }],
      };
    },
    apply: ([x], { axis, ...options }: { axis: number; exclusive: boolean; reverse: boolean }) =>
      core.cumsum(x, axis, options),
  },
  topK: {
    draw(d) {
      const dtype = d.pick<ProgramDType>(['float32', 'float32', 'int32']);
      const x = d.take({
        dtype,
        fits: (s) => s.length > 0 && sizeOf(s) > 0,
        shape: () => d.shape(1, 5, 1),
      });
      const n = x.shape.at(-1)!;
      if (sizeOf(x.shape) === 0) return undefined;
      const k = d.between(1, n);
      const shape = [...x.shape.slice(0, -1), k];
      return {
        inputs: [x],
        options: { k },
        results: [
          { ...x, shape },
          { shape, dtype: 'int32', low: 0, high: n - 1 },
        ],
      };
    },
    apply([x], { k }: { k: number }) {
      const { values, indices: places } = core.topK(x, k);
      return [values, places];
    },
  },
  softmaxCrossEntropy: {
    draw(d) {
      const rows = d.size();
      const classes = d.size(1, 65);
      if (!d.holds([rows, classes])) return undefined;
      const logits = d.take({
        fits: (s) => s.length === 2 && s[1]! > 0,
        shape: () => [rows, classes],
        low: -64,
        high: 64,
      });
      const [n, c] = logits.shape as [number, number];
      const labels = d.integers(
        [n],
        Array.from({ length: n }, () => d.below(c)),
      );
      return {
        inputs: [logits, labels],
        options: { labelSmoothing: d.pick([0, 0.125]) },
        results: [{ shape: [n], dtype: 'float32', low: 0, high: 160 }],
      };
    },
    apply: ([logits, labels], options) => core.softmaxCrossEntropy(logits, labels, options),
  },
};
