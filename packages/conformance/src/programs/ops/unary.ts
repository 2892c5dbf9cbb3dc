/** Functions of one argument, element by element. */
import * as core from '@stratajs/core';
import type { ProgramDType } from '../program.js';
import { WIDEST } from '../drawing.js';
import type { ProgramOp, ProgramOps } from './program-op.js';

type Unary = (x: core.Tensor) => core.Tensor;
type Bounds = readonly [low: number, high: number];

/**
 * A function that is well-conditioned, and has a gradient of moderate size, within `domain`.
 * `range` bounds its results; where it is missing the function is monotone.
 */
function real(f: Unary, domain: Bounds, range?: Bounds | ((x: number) => number)): ProgramOp {
  return {
    special: true,
    draw(d) {
      const dtype: ProgramDType = d.chance(0.85) ? 'float32' : d.pick(['int32', 'bool']);
      const [low, high] = dtype === 'int32' ? whole(domain) : domain;
      if (low > high || (dtype === 'bool' && (low > 0 || high < 1))) return undefined;
      const x = d.take({ dtype, low, high });
      const ends =
        typeof range === 'function' ? [range(low), range(high)].sort((a, b) => a - b) : range;
      const [least, most] = ends as [number, number];
      return {
        inputs: [x],
        results: [{ shape: x.shape, dtype: 'float32', low: least, high: most }],
      };
    },
    apply: ([x]) => f(x),
  };
}

/** A function that keeps whole numbers whole. */
function rounded(
  f: Unary,
  range: (x: number) => number,
  domain: Bounds = [-WIDEST, WIDEST],
): ProgramOp {
  return {
    special: true,
    draw(d) {
      const dtype = d.pick<ProgramDType>(['float32', 'float32', 'float32', 'int32', 'bool']);
      const x = d.take({ dtype, low: domain[0], high: domain[1] });
      const ends = [range(domain[0]), range(domain[1]), range(0)];
      return {
        inputs: [x],
        results: [
          {
            shape: x.shape,
            dtype: dtype === 'float32' ? 'float32' : 'int32',
            low: Math.min(...ends),
            high: Math.max(...ends),
          },
        ],
      };
    },
    apply: ([x]) => f(x),
  };
}

function whole([low, high]: Bounds): Bounds {
  return [Math.ceil(low), Math.floor(high)];
}

const WIDE: Bounds = [-WIDEST, WIDEST];
const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));
const widest = (slope: number): Bounds => [-WIDEST * slope, WIDEST * slope];

export const unary: ProgramOps = {
  neg: rounded(core.neg, (x) => -x),
  abs: rounded(core.abs, Math.abs),
  sign: rounded(core.sign, Math.sign),
  square: rounded(core.square, (x) => x * x, [-64, 64]),
  floor: rounded(core.floor, (x) => x),
  ceil: rounded(core.ceil, (x) => x),
  round: rounded(core.round, (x) => x),
  sqrt: real(core.sqrt, [0.25, WIDEST], Math.sqrt),
  rsqrt: real(core.rsqrt, [0.25, WIDEST], (x) => 1 / Math.sqrt(x)),
  reciprocal: real(core.reciprocal, [0.25, WIDEST], (x) => 1 / x),
  exp: real(core.exp, [-16, 8], Math.exp),
  expm1: real(core.expm1, [-16, 8], Math.expm1),
  log: real(core.log, [0.0625, WIDEST], Math.log),
  log1p: real(core.log1p, [-0.75, WIDEST], Math.log1p),
  sin: real(core.sin, [-64, 64], [-1, 1]),
  cos: real(core.cos, [-64, 64], [-1, 1]),
  tan: real(core.tan, [-1.25, 1.25], Math.tan),
  asin: real(core.asin, [-0.875, 0.875], Math.asin),
  acos: real(core.acos, [-0.875, 0.875], Math.acos),
  atan: real(core.atan, WIDE, Math.atan),
  sinh: real(core.sinh, [-8, 8], Math.sinh),
  cosh: real(core.cosh, [-8, 8], [1, Math.cosh(8)]),
  asinh: real(core.asinh, WIDE, Math.asinh),
  acosh: real(core.acosh, [1.125, WIDEST], Math.acosh),
  atanh: real(core.atanh, [-0.875, 0.875], Math.atanh),
  erf: real(core.erf, [-8, 8], [-1, 1]),
  relu: real(core.relu, WIDE, [0, WIDEST]),
  relu6: real(core.relu6, WIDE, [0, 6]),
  elu: real(core.elu, WIDE, [-1, WIDEST]),
  selu: real(core.selu, WIDE, [-1.76, WIDEST * 1.06]),
  sigmoid: real(core.sigmoid, [-16, 16], sigmoid),
  tanh: real(core.tanh, [-16, 16], Math.tanh),
  softplus: real(core.softplus, [-16, WIDEST], [0, WIDEST + 1]),
  silu: real(core.silu, WIDE, [-1, WIDEST]),
  hardSigmoid: real(core.hardSigmoid, WIDE, [0, 1]),
  gelu: {
    draw(d) {
      const x = d.take();
      return {
        inputs: [x],
        options: { approximate: d.chance(0.5) },
        results: [{ shape: x.shape, dtype: 'float32', low: -1, high: WIDEST }],
      };
    },
    apply: ([x], options) => core.gelu(x, options),
  },
  leakyRelu: {
    special: true,
    draw(d) {
      const x = d.take();
      const slope = d.pick([0.01, 0.25, 0, 1]);
      const [low, high] = widest(1);
      return { inputs: [x], options: { slope }, results: [{ ...x, low, high }] };
    },
    apply: ([x], { slope }: { slope: number }) => core.leakyRelu(x, slope),
  },
  prelu: {
    special: true,
    draw(d) {
      const x = d.take({ low: -256, high: 256 });
      const alpha = d.takeShape(d.broadcastable(x.shape), { low: -2, high: 2 });
      return { inputs: [x, alpha], results: [{ ...x, low: -512, high: 512 }] };
    },
    apply: ([x, alpha]) => core.prelu(x, alpha),
  },
  clip: {
    special: true,
    draw(d) {
      const x = d.take({ dtype: d.pick<ProgramDType>(['float32', 'float32', 'int32']) });
      const [min, max] = [d.between(-8, 4), d.between(4, 8)];
      return { inputs: [x], options: { min, max }, results: [{ ...x, low: min, high: max }] };
    },
    apply: ([x], { min, max }: { min: number; max: number }) => core.clip(x, min, max),
  },
};
