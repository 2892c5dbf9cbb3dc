/**
 * Normal numbers from random words, in arithmetic that every engine can repeat bit for bit.
 *
 * Every operation below is one float32 operation, rounded to nearest even: no fused multiply-add, no
 * library logarithm, sine or cosine; the square root is the correctly rounded one. C++ gives the same
 * bits with `float` and `-ffp-contract=off` (without `-ffast-math`) when written in the same order.
 *
 * Box–Muller on a pair of words (x, y):
 *
 *     n = (x >>> 8) + 1           in 1 … 2^24, so that u = n·2^-24 lies in (0, 1]
 *     r = sqrt(−2·ln u)           at most 5.768
 *     t = (y >>> 8)·2^-22         in [0, 4): the angle in quarter turns, exact
 *     z0 = r·cos(t·π/2)
 *     z1 = r·sin(t·π/2)
 *
 * ln u: e = floor(log2 n), m = n·2^-e in [1, 2) (exact). If m > 1.41421354 (the float32 next to √2):
 * m ← 0.5·m, e ← e + 1. Then f = m − 1 (exact), k = e − 24 as a float, z = f·f, and in this order
 *
 *     p = L[0]; p = p·f + L[i] for i = 1 … 8; p = p·f; p = p·z
 *     p = p + k·LN2_LOW; p = p − 0.5·z
 *     ln u = (f + p) + k·LN2_HIGH
 *
 * with L, LN2_LOW and LN2_HIGH those of `logf` in Moshier's Cephes library.
 *
 * cos, sin: q = floor(t + 0.5) in 0 … 4, a = t − q in [−0.5, 0.5] (both exact), w = a·a, and
 *
 *     s = S[2]; s = s·w + S[1]; s = s·w + S[0]; s = s·w; s = s·a; s = s + a·HALF_PI
 *     c = C[3]; c = c·w + C[2]; c = c·w + C[1]; c = c·w + C[0]; c = c·w; c = c + 1
 *
 * are sin(a·π/2) and cos(a·π/2) (interpolated at Chebyshev nodes of w in [0, 1/4]); then (cos, sin) of
 * the whole angle is, for q & 3 = 0, 1, 2, 3: (c, s), (−s, c), (−c, −s), (s, −c).
 *
 * Every `·`, `+` and `−` is rounded on its own. The error of z is below 7.4e-7 (largest of 2·10^8 pairs,
 * the extremes of r with every angle among them).
 */
const f32 = Math.fround;

// Each literal is written as the decimal that C++ would take with the suffix `f`.
const L0 = f32(7.0376836292e-2);
const L1 = f32(-1.151461031e-1);
const L2 = f32(1.167699874e-1);
const L3 = f32(-1.2420140846e-1);
const L4 = f32(1.4249322787e-1);
const L5 = f32(-1.6668057665e-1);
const L6 = f32(2.0000714765e-1);
const L7 = f32(-2.4999993993e-1);
const L8 = f32(3.3333331174e-1);
const LN2_HIGH = 0.693359375;
const LN2_LOW = f32(-2.1219444e-4);
const SQRT2 = f32(1.41421354);
const HALF_PI = f32(1.57079637);
const S0 = f32(-0.645964026);
const S1 = f32(0.079687029);
const S2 = f32(-0.00462196674);
const C0 = f32(-1.23370051);
const C1 = f32(0.253669411);
const C2 = f32(-0.0208615288);
const C3 = f32(0.000906739908);

const POWER = Float32Array.from({ length: 25 }, (_, e) => 2 ** -e);

/**
 * `mean + std·z` for elements 0 … out.length − 1 of a draw: words (2j, 2j + 1) give elements
 * (2j, 2j + 1). `words` holds an even number of words, at least as many as `out`.
 */
export function fillNormal(out: Float32Array, words: Uint32Array, mean: number, std: number): void {
  const shift = f32(mean);
  const scale = f32(std);
  for (let i = 0; i < out.length; i += 2) {
    const r = radius((words[i]! >>> 8) + 1);

    const t = (words[i + 1]! >>> 8) * 2 ** -22;
    const q = Math.floor(t + 0.5);
    const a = f32(t - q);
    const w = f32(a * a);
    let s = f32(f32(S2 * w) + S1);
    s = f32(f32(s * w) + S0);
    s = f32(f32(s * w) * a);
    s = f32(s + f32(a * HALF_PI));
    let c = f32(f32(C3 * w) + C2);
    c = f32(f32(c * w) + C1);
    c = f32(f32(c * w) + C0);
    c = f32(f32(c * w) + 1);

    // An odd quarter turn swaps the two, then the signs.
    const cos = q & 1 ? s : c;
    const sin = q & 1 ? c : s;
    const z0 = f32(r * ((q + 1) & 2 ? -cos : cos));
    const z1 = f32(r * (q & 2 ? -sin : sin));
    out[i] = f32(shift + f32(scale * z0));
    if (i + 1 < out.length) out[i + 1] = f32(shift + f32(scale * z1));
  }
}

/** sqrt(−2·ln(n·2^-24)). */
function radius(n: number): number {
  let e = 31 - Math.clz32(n);
  let m = f32(n * POWER[e]!);
  if (m > SQRT2) {
    m = f32(0.5 * m);
    e += 1;
  }
  const f = f32(m - 1);
  const k = e - 24;
  const z = f32(f * f);
  let p = f32(f32(L0 * f) + L1);
  p = f32(f32(p * f) + L2);
  p = f32(f32(p * f) + L3);
  p = f32(f32(p * f) + L4);
  p = f32(f32(p * f) + L5);
  p = f32(f32(p * f) + L6);
  p = f32(f32(p * f) + L7);
  p = f32(f32(p * f) + L8);
  p = f32(f32(p * f) * z);
  p = f32(p + f32(k * LN2_LOW));
  p = f32(p - f32(0.5 * z));
  const log = f32(f32(f + p) + f32(k * LN2_HIGH));
  return f32(Math.sqrt(f32(-2 * log)));
}
