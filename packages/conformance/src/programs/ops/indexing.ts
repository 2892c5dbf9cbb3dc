/** Reading and writing at places, and tensors made from a rule. */
import * as core from '@stratajs/core';
import type { Drawing, Value } from '../drawing.js';
import { type ProgramDType, sizeOf } from '../program.js';
import type { ProgramOps } from './program-op.js';

const DTYPES: readonly ProgramDType[] = ['float32', 'float32', 'float32', 'int32', 'bool'];

/** Indices below `limit`, in this shape. */
function indicesBelow(d: Drawing, shape: readonly number[], limit: number): Value {
  return d.integers(
    shape,
    Array.from({ length: sizeOf(shape) }, () => d.below(limit)),
  );
}

/** Rows of indices into the first axes of a shape: [..., k]. */
function places(d: Drawing, outer: readonly number[], limits: readonly number[]): Value {
  const elements = Array.from({ length: sizeOf(outer) }, () => limits.map((n) => d.below(n)));
  return d.integers([...outer, limits.length], elements.flat());
}

export const indexing: ProgramOps = {
  gather: {
    special: true,
    draw(d) {
      const dtype = d.pick(DTYPES);
      const x = d.take({ dtype, fits: (s) => s.length > 0, shape: () => d.shape(1, 4) });
      const axis = d.axis(x.shape.length);
      const at = axis < 0 ? axis + x.shape.length : axis;
      const length = x.shape[at]!;
      // Of an axis without elements nothing can be read.
      const shape = length === 0 ? [d.size(0, 3), 0] : d.shape(0, 2);
      const result = [...x.shape.slice(0, at), ...shape, ...x.shape.slice(at + 1)];
      if (!d.holds(result)) return undefined;
      const indices = indicesBelow(d, shape, Math.max(length, 1));
      return { inputs: [x, indices], options: { axis }, results: [{ ...x, shape: result }] };
    },
    apply: ([x, indices], { axis }: { axis: number }) => core.gather(x, indices, axis),
  },
  gatherNd: {
    special: true,
    draw(d) {
      const dtype = d.pick(DTYPES);
      const x = d.take({ dtype, fits: (s) => s.length > 0, shape: () => d.shape(1, 4) });
      const depth = d.between(1, x.shape.length);
      const limits = x.shape.slice(0, depth);
      const outer = limits.includes(0) ? [0] : d.shape(0, 2);
      const shape = [...outer, ...x.shape.slice(depth)];
      if (!d.holds(shape) || !d.holds([...outer, depth])) return undefined;
      return { inputs: [x, places(d, outer, limits)], results: [{ ...x, shape }] };
    },
    apply: ([x, indices]) => core.gatherNd(x, indices),
  },
  scatterNd: {
    draw(d) {
      const dtype = d.pick<ProgramDType>(['float32', 'float32', 'int32']);
      const shape = d.shape(1, 4);
      const depth = d.between(1, shape.length);
      const limits = shape.slice(0, depth);
      const outer = limits.includes(0) ? [0] : d.shape(0, 2).map((n) => Math.min(n, 9));
      const given = [...outer, ...shape.slice(depth)];
      if (!d.holds(given) || !d.holds([...outer, depth])) return undefined;
      const updates = d.takeShape(given, { dtype, low: -64, high: 64 });
      const most = 64 * Math.max(1, sizeOf(outer));
      return {
        inputs: [places(d, outer, limits), updates],
        options: { shape },
        results: [{ shape, dtype, low: -most, high: most }],
      };
    },
    apply: ([indices, updates], { shape }: { shape: number[] }) =>
      core.scatterNd(indices, updates, shape),
  },
  oneHot: {
    draw(d) {
      // Some lie outside, and give zeros.
      const indices = d.take({ dtype: 'int32', low: -2, high: 9 });
      const depth = d.between(1, 9);
      const shape = [...indices.shape, depth];
      if (!d.holds(shape)) return undefined;
      return {
        inputs: [indices],
        options: { depth },
        results: [{ shape, dtype: 'float32', low: 0, high: 1 }],
      };
    },
    apply: ([indices], { depth }: { depth: number }) => core.oneHot(indices, depth),
  },
};

type Constant = (d: Drawing) => { options: Record<string, unknown>; result: Value } | undefined;

/** A tensor without arguments. */
function made(draw: Constant, make: (options: never) => core.Tensor): ProgramOps[string] {
  return {
    special: true,
    draw(d) {
      const drawn = draw(d);
      if (!drawn || !d.holds(drawn.result.shape)) return undefined;
      return { inputs: [], options: drawn.options, results: [drawn.result] };
    },
    apply: (_, options) => make(options as never),
  };
}

function like(f: (x: core.Tensor) => core.Tensor, element: number): ProgramOps[string] {
  return {
    special: true,
    draw(d) {
      const x = d.take({ dtype: d.pick(DTYPES) });
      return { inputs: [x], results: [{ ...x, low: element, high: element }] };
    },
    apply: ([x]) => f(x),
  };
}

type Filled = { shape: number[]; dtype: ProgramDType };

function filled(
  make: (shape: number[], dtype: ProgramDType) => core.Tensor,
  element: number,
): ProgramOps[string] {
  return made(
    (d) => {
      const [shape, dtype] = [d.shape(), d.pick(DTYPES)];
      return { options: { shape, dtype }, result: { shape, dtype, low: element, high: element } };
    },
    ({ shape, dtype }: Filled) => make(shape, dtype),
  );
}

export const constants: ProgramOps = {
  zerosLike: like(core.zerosLike, 0),
  onesLike: like(core.onesLike, 1),
  zeros: filled(core.zeros, 0),
  ones: filled(core.ones, 1),
  full: made(
    (d) => {
      const [shape, dtype] = [d.shape(), d.pick(DTYPES)];
      const value = dtype === 'float32' ? d.pick([-2.5, 0.1, 7]) : d.between(-3, 3);
      return { options: { shape, dtype, value }, result: { shape, dtype, low: -3, high: 7 } };
    },
    ({ shape, dtype, value }: Filled & { value: number }) => core.full(shape, value, dtype),
  ),
  arange: made(
    (d) => {
      const [start, stop] = [d.between(-9, 9), d.between(-9, 9)];
      const step = d.pick([1, 2, -1, 0.375]);
      const n = Math.max(0, Math.ceil((stop - start) / step));
      const dtype = Number.isInteger(step) ? 'int32' : 'float32';
      return { options: { start, stop, step }, result: { shape: [n], dtype, low: -9, high: 9 } };
    },
    ({ start, stop, step }: Record<'start' | 'stop' | 'step', number>) =>
      core.arange(start, stop, step),
  ),
  linspace: made(
    (d) => {
      const [start, stop, num] = [d.between(-9, 9), d.between(-9, 9), d.size(1, 33)];
      return {
        options: { start, stop, num },
        result: { shape: [num], dtype: 'float32', low: -9, high: 9 },
      };
    },
    ({ start, stop, num }: Record<'start' | 'stop' | 'num', number>) =>
      core.linspace(start, stop, num),
  ),
  eye: made(
    (d) => {
      const [n, m] = [d.size(0, 17), d.size(0, 17)];
      return { options: { n, m }, result: { shape: [n, m], dtype: 'float32', low: 0, high: 1 } };
    },
    ({ n, m }: Record<'n' | 'm', number>) => core.eye(n, m),
  ),
};
