/** Operations on two or more arguments, element by element, with broadcasts. */
import * as core from '@stratajs/core';
import type { Drawing, Value } from '../drawing.js';
import type { ProgramDType } from '../program.js';
import type { ProgramOp, ProgramOps } from './program-op.js';

type Binary = (a: core.Operand, b: core.Operand) => core.Tensor;
type Bounds = readonly [low: number, high: number];
/** Bounds of the result, from those of the arguments. */
type Range = (a: Bounds, b: Bounds) => Bounds;

interface Domain {
  readonly a: Bounds;
  readonly b: Bounds;
  readonly range: Range;
  /** The dtypes of whole results; float32 where it is always float32. */
  readonly least: 'int32' | 'float32';
}

const DTYPES: readonly ProgramDType[] = ['float32', 'float32', 'float32', 'int32', 'bool'];

/** The dtype in which both are computed. */
function common(a: ProgramDType, b: ProgramDType): ProgramDType {
  if (a === b) return a;
  return a === 'float32' || b === 'float32' ? 'float32' : 'int32';
}

/** Two arguments whose shapes broadcast, the first or the second as large as the result. */
function pair(
  d: Drawing,
  dtypes: readonly [ProgramDType, ProgramDType],
  boundsA: Bounds,
  boundsB: Bounds,
): { a: Value; b: Value; shape: readonly number[] } {
  const swapped = d.chance(0.5);
  const [first, second] = swapped ? [1, 0] : [0, 1];
  const bounds = [boundsA, boundsB];
  const want = (i: number): { dtype: ProgramDType; low: number; high: number } => ({
    dtype: dtypes[i]!,
    low: bounds[i]![0],
    high: bounds[i]![1],
  });
  const large = d.take(want(first));
  const small = d.takeShape(d.broadcastable(large.shape), want(second));
  return { a: swapped ? small : large, b: swapped ? large : small, shape: large.shape };
}

function ends(f: (a: number, b: number) => number): Range {
  return (a, b) => {
    const all = a.flatMap((x) => b.map((y) => f(x, y)));
    return [Math.min(...all), Math.max(...all)];
  };
}

function arithmetic(f: Binary, domain: Domain): ProgramOp {
  return {
    special: true,
    draw(d) {
      const dtypes = [d.pick(DTYPES), d.pick(DTYPES)] as const;
      if (d.chance(0.2)) return withNumber(d, dtypes[0], domain);
      // A divisor of truth values may be 0; so may any whole one where no bounds are kept.
      const whole = domain.least === 'int32' && common(...dtypes) !== 'float32';
      if (domain.b[0] > 0 && (dtypes[1] === 'bool' || (whole && d.special))) return undefined;
      const { a, b, shape } = pair(d, dtypes, domain.a, domain.b);
      return {
        inputs: [a, b],
        results: [resultOf(shape, common(...dtypes), domain)],
      };
    },
    apply: ([a, b], { number }: { number?: number }) => f(a, number ?? b),
  };
}

/** A number in place of b. */
function withNumber(
  d: Drawing,
  dtype: ProgramDType,
  domain: Domain,
): ReturnType<ProgramOp['draw']> {
  const a = d.take({ dtype, low: domain.a[0], high: domain.a[1] });
  const [low, high] = [Math.max(domain.b[0], -4), Math.min(domain.b[1], 4)];
  const number = d.chance(0.5)
    ? d.between(Math.ceil(low), Math.floor(high))
    : low + (high - low) * 0.625;
  const kind: ProgramDType = dtype !== 'float32' && Number.isInteger(number) ? 'int32' : 'float32';
  return {
    inputs: [a],
    options: { number },
    results: [resultOf(a.shape, common(dtype, kind), domain)],
  };
}

function resultOf(
  shape: readonly number[],
  dtype: ProgramDType,
  { a, b, range, least }: Domain,
): Value {
  const [low, high] = range(a, b);
  return { shape, dtype: dtype === 'float32' ? dtype : least, low, high };
}

function comparison(f: Binary): ProgramOp {
  return {
    special: true,
    draw(d) {
      const dtype = d.pick(DTYPES);
      const dtypes = [dtype, d.chance(0.8) ? dtype : d.pick(DTYPES)] as const;
      // Few different elements, so that some are equal.
      const { a, b, shape } = pair(d, dtypes, [-8, 8], [-8, 8]);
      return { inputs: [a, b], results: [{ shape, dtype: 'bool', low: 0, high: 1 }] };
    },
    apply: ([a, b]) => f(a, b),
  };
}

function logical(f: (a: core.Tensor, b: core.Tensor) => core.Tensor): ProgramOp {
  return {
    draw(d) {
      const { a, b, shape } = pair(d, ['bool', 'bool'], [0, 1], [0, 1]);
      return { inputs: [a, b], results: [{ shape, dtype: 'bool', low: 0, high: 1 }] };
    },
    apply: ([a, b]) => f(a, b),
  };
}

function test(f: (x: core.Tensor) => core.Tensor): ProgramOp {
  return {
    special: true,
    draw(d) {
      const x = d.take({ dtype: d.pick(DTYPES) });
      return { inputs: [x], results: [{ shape: x.shape, dtype: 'bool', low: 0, high: 1 }] };
    },
    apply: ([x]) => f(x),
  };
}

const WIDE: Bounds = [-1024, 1024];
const FACTOR: Bounds = [-64, 64];
const DIVISOR: Bounds = [0.25, 64];

export const binary: ProgramOps = {
  add: arithmetic(core.add, { a: WIDE, b: WIDE, range: ends((a, b) => a + b), least: 'int32' }),
  sub: arithmetic(core.sub, { a: WIDE, b: WIDE, range: ends((a, b) => a - b), least: 'int32' }),
  mul: arithmetic(core.mul, { a: FACTOR, b: FACTOR, range: ends((a, b) => a * b), least: 'int32' }),
  div: arithmetic(core.div, {
    a: WIDE,
    b: DIVISOR,
    range: ends((a, b) => a / b),
    least: 'float32',
  }),
  floorDiv: arithmetic(core.floorDiv, {
    a: WIDE,
    b: DIVISOR,
    range: ends((a, b) => Math.floor(a / b)),
    least: 'int32',
  }),
  // What becomes of infinite divisors is not defined.
  mod: {
    ...arithmetic(core.mod, { a: WIDE, b: DIVISOR, range: () => [0, 64], least: 'int32' }),
    special: false,
  },
  pow: arithmetic(core.pow, { a: [0.25, 6], b: [0, 4], range: () => [0, 6 ** 4], least: 'int32' }),
  maximum: arithmetic(core.maximum, { a: WIDE, b: WIDE, range: () => WIDE, least: 'int32' }),
  minimum: arithmetic(core.minimum, { a: WIDE, b: WIDE, range: () => WIDE, least: 'int32' }),
  squaredDifference: arithmetic(core.squaredDifference, {
    a: [-32, 32],
    b: [-32, 32],
    range: () => [0, 64 ** 2],
    least: 'int32',
  }),
  atan2: arithmetic(core.atan2, {
    a: WIDE,
    b: DIVISOR,
    range: () => [-Math.PI, Math.PI],
    least: 'float32',
  }),
  equal: comparison(core.equal),
  notEqual: comparison(core.notEqual),
  greater: comparison(core.greater),
  greaterEqual: comparison(core.greaterEqual),
  less: comparison(core.less),
  lessEqual: comparison(core.lessEqual),
  logicalAnd: logical(core.logicalAnd),
  logicalOr: logical(core.logicalOr),
  logicalXor: logical(core.logicalXor),
  logicalNot: {
    draw(d) {
      const x = d.take({ dtype: 'bool' });
      return { inputs: [x], results: [{ ...x }] };
    },
    apply: ([x]) => core.logicalNot(x),
  },
  isNaN: test(core.isNaN),
  isInf: test(core.isInf),
  isFinite: test(core.isFinite),
  addN: {
    draw(d) {
      const dtype = d.pick<ProgramDType>(['float32', 'float32', 'int32']);
      const first = d.take({ dtype, low: -256, high: 256 });
      const more = Array.from({ length: d.below(5) }, () =>
        d.takeShape(first.shape, { dtype, low: -256, high: 256 }),
      );
      return { inputs: [first, ...more], results: [{ ...first, low: -1280, high: 1280 }] };
    },
    apply: (xs) => core.addN(xs),
  },
  where: {
    special: true,
    draw(d) {
      const dtypes = [d.pick(DTYPES), d.pick(DTYPES)] as const;
      const { a, b, shape } = pair(d, dtypes, WIDE, WIDE);
      const condition = d.takeShape(d.broadcastable(shape), { dtype: 'bool' });
      const [low, high] = WIDE;
      return {
        inputs: [condition, a, b],
        results: [{ shape, dtype: common(...dtypes), low, high }],
      };
    },
    apply: ([condition, a, b]) => core.where(condition, a, b),
  },
  cast: {
    draw(d) {
      const x = d.take({ dtype: d.pick(DTYPES) });
      const dtype = d.pick<ProgramDType>(['float32', 'int32', 'bool']);
      return {
        inputs: [x],
        options: { dtype },
        results: [{ ...x, dtype, low: x.low, high: x.high }],
      };
    },
    apply: ([x], { dtype }: { dtype: ProgramDType }) => core.cast(x, dtype),
  },
};
