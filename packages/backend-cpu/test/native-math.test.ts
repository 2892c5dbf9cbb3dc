import { describe, expect, it } from 'vitest';
import { addon, isas } from './addon.js';

/** erf by its series up to 3, by the continued fraction of erfc beyond: good to 1e-15. */
function erf(x: number): number {
  const t = Math.abs(x);
  if (t < 3) {
    let [term, sum] = [t, t];
    for (let n = 1; n < 80; n++) {
      term *= (-t * t) / n;
      sum += term / (2 * n + 1);
    }
    return (Math.sign(x) * 2 * sum) / Math.sqrt(Math.PI);
  }
  let fraction = t;
  for (let k = 60; k > 0; k--) fraction = t + k / 2 / fraction;
  return Math.sign(x) * (1 - Math.exp(-t * t) / (fraction * Math.sqrt(Math.PI)));
}

/** Name → the function in float64, and how many units in the last place the kernel may be off. */
const FUNCTIONS: Record<string, readonly [(x: number) => number, number]> = {
  exp: [Math.exp, 1.1],
  expm1: [Math.expm1, 1.6],
  log: [Math.log, 0.9],
  log1p: [Math.log1p, 1.6],
  tanh: [Math.tanh, 2.6],
  sigmoid: [(x) => 1 / (1 + Math.exp(-x)), 2.5],
  softplus: [(x) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x))), 2.2],
  erf: [erf, 1.2],
  sqrt: [Math.sqrt, 0.5],
  rsqrt: [(x) => 1 / Math.sqrt(x), 1.5],
  reciprocal: [(x) => 1 / x, 0.5],
  sin: [Math.sin, 0.51],
  cos: [Math.cos, 0.51],
  tan: [Math.tan, 0.51],
  asin: [Math.asin, 0.51],
  acos: [Math.acos, 0.51],
  atan: [Math.atan, 0.51],
  sinh: [Math.sinh, 0.51],
  cosh: [Math.cosh, 0.51],
  asinh: [Math.asinh, 0.51],
  acosh: [Math.acosh, 0.51],
  atanh: [Math.atanh, 0.51],
  floor: [Math.floor, 0],
  ceil: [Math.ceil, 0],
};

/** The difference in units in the last place of the float32 nearest to `exact`. */
function error(actual: number, exact: number): number {
  if (Number.isNaN(exact)) return Number.isNaN(actual) ? 0 : Infinity;
  const nearest = Math.fround(exact);
  if (!Number.isFinite(nearest) || !Number.isFinite(actual))
    return actual === nearest ? 0 : Infinity;
  const exponent = Math.floor(Math.log2(Math.max(Math.abs(nearest), 2 ** -126)));
  return Math.abs(actual - exact) / 2 ** (exponent - 23);
}

/** Whether both or none are −0 in float32. */
const sameZero = (a: number, b: number): boolean =>
  Object.is(a, -0) === Object.is(Math.fround(b), -0);

// Every exponent and sign, mantissas spread: the bits of a float32, in steps of a prime.
const bits = Uint32Array.from({ length: 2 ** 17 }, (_, i) => i * 32749);
const everything = new Float32Array(bits.buffer);
const special = [
  0,
  -0,
  1,
  -1,
  Infinity,
  -Infinity,
  NaN,
  88.72283,
  88.7229,
  -103.97,
  -103.98,
  1e-45,
];

describe.runIf(addon).each(isas)('elementary functions on %s', (isa) => {
  it.each(Object.entries(FUNCTIONS))('%s', (name, [exact, bound]) => {
    const x = Float32Array.from([...everything, ...special]);
    const y = new Float32Array(x.length);
    addon!.kernels(isa)[name]!(x, y, x.length);
    let worst = 0;
    let at = 0;
    for (let i = 0; i < x.length; i++) {
      const off = error(y[i]!, exact(x[i]!));
      if (!(off <= worst)) [worst, at] = [off, x[i]!];
    }
    expect(worst, `${name}(${at})`).toBeLessThanOrEqual(bound);
  });

  it('powers', () => {
    const n = 2 ** 16;
    // Exponents that keep the result in range for most bases, and whole ones for negative bases.
    const a = everything.subarray(0, n);
    const b = Float32Array.from({ length: n }, (_, i) =>
      i % 3 === 0 ? (i % 41) - 20 : Math.sin(i) * 2 ** (i % 7),
    );
    const y = new Float32Array(n);
    addon!.kernels(isa)['power']!(a, b, y, n);
    let worst = 0;
    let at = 0;
    for (let i = 0; i < n; i++) {
      const off = error(y[i]!, a[i]! ** b[i]!);
      if (!(off <= worst)) [worst, at] = [off, i];
    }
    expect(worst, `${a[at]} ** ${b[at]}`).toBeLessThanOrEqual(0.51);
  });

  it('powers of and to everything special are those of JavaScript', () => {
    const odd = [0, -0, 1, -1, 2, -2, 3, 0.5, -0.5, -3, 2.5, 1e-45, 3e38, -3e38, 16777217, 1e30];
    const all = [...odd, 16777215, -16777215, Infinity, -Infinity, NaN].map(Math.fround);
    const a = Float32Array.from(all.flatMap((base) => all.map(() => base)));
    const b = Float32Array.from(all.flatMap(() => all));
    const y = new Float32Array(a.length);
    addon!.kernels(isa)['power']!(a, b, y, a.length);
    y.forEach((value, i) => {
      const exact = a[i]! ** b[i]!;
      const off = sameZero(value, exact) ? error(value, exact) : Infinity;
      expect(off, `${a[i]} ** ${b[i]}`).toBeLessThanOrEqual(0.51);
    });
  });

  it('angles', () => {
    const n = 2 ** 16;
    const some = [0, -0, 1, -1, 1e-45, 3e38, -2e38, Infinity, -Infinity, NaN];
    const a = Float32Array.from([
      ...everything.subarray(0, n),
      ...some.flatMap((v) => some.map(() => v)),
    ]);
    const b = Float32Array.from([
      ...everything.subarray(0, n).map((v, i) => (i % 2 ? v * Math.sin(i) : everything[n + i]!)),
      ...some.flatMap(() => some),
    ]);
    const y = new Float32Array(a.length);
    addon!.kernels(isa)['atan2']!(a, b, y, a.length);
    let worst = 0;
    let at = 0;
    for (let i = 0; i < a.length; i++) {
      const exact = Math.atan2(a[i]!, b[i]!);
      const off = sameZero(y[i]!, exact) ? error(y[i]!, exact) : Infinity;
      if (!(off <= worst)) [worst, at] = [off, i];
    }
    expect(worst, `atan2(${a[at]}, ${b[at]})`).toBeLessThanOrEqual(0.51);
  });

  it('keeps the sign of zero', () => {
    const odd = ['expm1', 'log1p', 'tanh', 'erf', 'sqrt', 'floor', 'ceil', 'round'];
    odd.push('sin', 'tan', 'asin', 'atan', 'sinh', 'asinh', 'atanh');
    for (const name of odd) {
      const y = new Float32Array(1);
      addon!.kernels(isa)[name]!(Float32Array.of(-0), y, 1);
      expect([name, y[0]]).toEqual([name, -0]);
    }
  });

  it('rounds ties to even', () => {
    const x = Float32Array.of(0.5, 1.5, 2.5, -0.5, -1.5, 8388607.5, 1e20, 0.49999997);
    const y = new Float32Array(8);
    addon!.kernels(isa)['round']!(x, y, 8);
    expect([...y]).toEqual([0, 2, 2, -0, -2, 8388608, Math.fround(1e20), 0]);
  });
});
