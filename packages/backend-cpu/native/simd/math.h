// Elementary functions on vectors of float32, for every lane at once and for every value: infinities, NaN, subnormals
// and both zeros come out as IEEE 754 wants them. The error bounds in units in the last place were measured against
// double precision (test/native-math.test.ts repeats that); where they cite Cephes, the polynomial is that library's
// (S. Moshier, https://www.netlib.org/cephes).
#pragma once

#include "simd/vector.h"

namespace strata {
namespace STRATA_ISA {

constexpr float kInfinity = __builtin_inff();
constexpr int32_t kSignBit = INT32_MIN;

STRATA_INLINE IntVector select(IntVector mask, IntVector a, IntVector b) { return mask ? a : b; }
// Moving an element's bits through a vector of floats changes none of them.
STRATA_INLINE IntVector loadPart(const int32_t* from, size_t count) {
  return floatToBits(loadPart(reinterpret_cast<const float*>(from), count));
}
STRATA_INLINE void storePart(int32_t* to, IntVector value, size_t count) {
  storePart(reinterpret_cast<float*>(to), bitsToFloat(value), count);
}

// Modulo 2^32: signed overflow is undefined, in vectors, too.
typedef uint32_t WordVector __attribute__((vector_size(kLanes * 4)));
STRATA_INLINE IntVector wrapAdd(IntVector a, IntVector b) {
  return reinterpret_cast<IntVector>(reinterpret_cast<WordVector>(a) + reinterpret_cast<WordVector>(b));
}
STRATA_INLINE IntVector wrapSubtract(IntVector a, IntVector b) {
  return reinterpret_cast<IntVector>(reinterpret_cast<WordVector>(a) - reinterpret_cast<WordVector>(b));
}
STRATA_INLINE IntVector wrapMultiply(IntVector a, IntVector b) {
  return reinterpret_cast<IntVector>(reinterpret_cast<WordVector>(a) * reinterpret_cast<WordVector>(b));
}

STRATA_INLINE Vector convert(IntVector value) { return __builtin_convertvector(value, Vector); }
/** Towards zero; undefined outside the range of int32. */
STRATA_INLINE IntVector truncate(Vector value) { return __builtin_convertvector(value, IntVector); }

STRATA_INLINE Vector abs(Vector x) { return bitsToFloat(floatToBits(x) & ~kSignBit); }
STRATA_INLINE Vector copySign(Vector magnitude, Vector sign) {
  return bitsToFloat((floatToBits(magnitude) & ~kSignBit) | (floatToBits(sign) & kSignBit));
}

/** max and min that give NaN where either operand is NaN. */
STRATA_INLINE Vector maxOrNaN(Vector a, Vector b) { return select((a > b) | (a != a), a, b); }
STRATA_INLINE Vector minOrNaN(Vector a, Vector b) { return select((a < b) | (a != a), a, b); }

STRATA_INLINE Vector sqrt(Vector x) {
  Vector y;
  for (size_t i = 0; i < kLanes; ++i) {
    y[i] = __builtin_sqrtf(x[i]);
  }
  return y;
}

/** To the nearest integer, ties to even. Adding 1.5·2^23 leaves no fraction bits; larger values have none anyway. */
STRATA_INLINE Vector roundEven(Vector x) {
  const Vector magic = broadcast(8388608.0f);
  const Vector magnitude = abs(x);
  const Vector rounded = (magnitude + magic) - magic;
  return select(magnitude < magic, copySign(rounded, x), x);
}
STRATA_INLINE Vector floor(Vector x) {
  const Vector rounded = roundEven(x);
  return select(rounded > x, rounded - 1.0f, rounded);
}
STRATA_INLINE Vector ceil(Vector x) {
  const Vector rounded = roundEven(x);
  return select(rounded < x, copySign(rounded + 1.0f, x), rounded);
}

/** 2^n for n in [-126, 127]. */
STRATA_INLINE Vector powerOfTwo(IntVector n) { return bitsToFloat((n + 127) << 23); }

/** value·2^n for n in [-252, 254], rounded once. */
STRATA_INLINE Vector scale(Vector value, IntVector n) {
  const IntVector half = n >> 1;
  return value * powerOfTwo(half) * powerOfTwo(n - half);
}

/** x = n·ln 2 + r with |r| ≤ ln 2 / 2. */
struct Reduced {
  IntVector n;
  Vector r;
};
STRATA_INLINE Reduced reduceByLn2(Vector x) {
  const Vector magic = broadcast(12582912.0f);  // 1.5·2^23: its low mantissa bits hold the rounded integer
  const Vector shifted = x * 1.44269504088896341f + magic;
  const Vector n = shifted - magic;
  // ln 2 in two parts (Cephes): n times the first is exact for |n| < 2^13.
  const Vector r = (x - n * 0.693359375f) - n * -2.12194440e-4f;
  return {floatToBits(shifted) - floatToBits(magic), r};
}

/** e^r − 1 − r for |r| ≤ ln 2 / 2 (Cephes expf). */
STRATA_INLINE Vector expTail(Vector r) {
  Vector p = broadcast(1.9875691500e-4f);
  p = p * r + 1.3981999507e-3f;
  p = p * r + 8.3334519073e-3f;
  p = p * r + 4.1665795894e-2f;
  p = p * r + 1.6666665459e-1f;
  p = p * r + 5.0000001201e-1f;
  return p * (r * r);
}

/** e^x. */
STRATA_INLINE Vector exp(Vector x) {
  // Below ln 2^-150 the result is zero. Not computing it spares the processor results that underflow, which are slow;
  // a masked softmax is full of them.
  const IntVector zero = x < -103.972084f;
  const Vector clamped = min(broadcast(89.0f), select(zero, Vector{}, x));
  const Reduced reduced = reduceByLn2(clamped);
  const Vector y = scale((expTail(reduced.r) + reduced.r) + 1.0f, reduced.n);
  return select(zero, Vector{}, select(x != x, x, y));
}

/** e^x − 1, without the cancellation near 0. */
STRATA_INLINE Vector expm1(Vector x) {
  const Vector clamped = min(broadcast(89.0f), max(broadcast(-18.0f), x));
  const Reduced reduced = reduceByLn2(clamped);
  const Vector small = expTail(reduced.r) + reduced.r;
  // 2^n·(1 + small) − 1; half of it is computed, since 2^128 is no float32.
  const Vector half = powerOfTwo(reduced.n - 1);
  const Vector y = ((half - 0.5f) + half * small) * 2.0f;
  return select((x != x) | (x == 0.0f), x, select(reduced.n == 0, small, y));
}


/** ln(1 + f) − f + f²/2 for 1 + f in [√½, √2) (Cephes logf). */
STRATA_INLINE Vector logTail(Vector f) {
  Vector p = broadcast(7.0376836292e-2f);
  p = p * f - 1.1514610310e-1f;
  p = p * f + 1.1676998740e-1f;
  p = p * f - 1.2420140846e-1f;
  p = p * f + 1.4249322787e-1f;
  p = p * f - 1.6668057665e-1f;
  p = p * f + 2.0000714765e-1f;
  p = p * f - 2.4999993993e-1f;
  p = p * f + 3.3333331174e-1f;
  return p * f * (f * f);
}

/** ln(x·2^exponent) for normal x > 0. */
STRATA_INLINE Vector logOfNormal(Vector x, IntVector exponent) {
  // x = m·2^e with m in [√½, √2): subtracting the bits of √½ makes the exponent change there instead of at 1.
  // (Unsigned: lanes that hold no such x may overflow.)
  const IntVector offset = reinterpret_cast<IntVector>(reinterpret_cast<WordVector>(x) - 0x3f3504f3u);
  const Vector e = convert((offset >> 23) + exponent);
  const Vector f = bitsToFloat((offset & 0x007fffff) + 0x3f3504f3) - 1.0f;
  Vector y = logTail(f) + e * -2.12194440e-4f;
  y = y - 0.5f * (f * f);
  return (f + y) + e * 0.693359375f;
}

/** ln x. */
STRATA_INLINE Vector log(Vector x) {
  const IntVector subnormal = x < 1.17549435e-38f;
  const Vector finite = logOfNormal(select(subnormal, x * 8388608.0f, x), subnormal & -23);
  const Vector ofOthers = select(x == 0.0f, broadcast(-kInfinity), select(x > 0.0f, x, broadcast(__builtin_nanf(""))));
  return select((x > 0.0f) & (x < kInfinity), finite, select(x != x, x, ofOthers));
}

/** ln(1 + x), without the cancellation near 0, for finite x > −1. */
STRATA_INLINE Vector log1pOfFinite(Vector x) {
  const Vector u = x + 1.0f;
  // u = 1 + x up to rounding; the rounding's effect on the logarithm is its size over u.
  const Vector rounding = select(x > 1.0f, x - (u - 1.0f), (1.0f - u) + x);
  return select(u == 1.0f, x, logOfNormal(u, IntVector{}) + rounding / u);
}

/** ln(1 + x), without the cancellation near 0. */
STRATA_INLINE Vector log1p(Vector x) {
  const Vector ofOthers = select(x == -1.0f, broadcast(-kInfinity), select(x < -1.0f, broadcast(__builtin_nanf("")), x));
  return select((x > -1.0f) & (x < kInfinity), log1pOfFinite(x), ofOthers);
}

/** (e^x − e^−x) / (e^x + e^−x), as −expm1(−2|x|) / (2 + expm1(−2|x|)) with the sign of x. */
STRATA_INLINE Vector tanh(Vector x) {
  const Vector t = expm1(abs(x) * -2.0f);
  return copySign(-t / (t + 2.0f), x);
}

/** 1 / (1 + e^−x). */
STRATA_INLINE Vector sigmoid(Vector x) {
  const Vector e = exp(-abs(x));
  return select(x < 0.0f, e, broadcast(1.0f)) / (e + 1.0f);
}

/** ln(1 + e^x) = max(x, 0) + ln(1 + e^−|x|). */
STRATA_INLINE Vector softplus(Vector x) {
  return select(x != x, x, max(x, Vector{}) + log1pOfFinite(exp(-abs(x))));
}

/** 2/√π ∫₀ˣ e^−t² dt: a polynomial up to 475/512, 1 − e^p(|x|) beyond (N. Juffa's coefficients). */
STRATA_INLINE Vector erf(Vector x) {
  const Vector t = abs(x);
  const Vector s = x * x;
  Vector near = broadcast(-5.96761703e-4f);
  near = near * s + 4.99119423e-3f;
  near = near * s - 2.67681349e-2f;
  near = near * s + 1.12819925e-1f;
  near = near * s - 3.76125336e-1f;
  near = near * s + 1.28379166e-1f;
  near = near * x + x;
  // Beyond 4 the result is 1; clamping keeps the polynomial from turning back.
  const Vector u = min(broadcast(4.0f), t);
  Vector far = u * -1.72853470e-5f + 3.83197126e-4f;
  far = far * (u * u) + (u * -3.88396438e-3f + 2.42546219e-2f);
  far = far * u - 1.06777877e-1f;
  far = far * u - 6.34846687e-1f;
  far = far * u - 1.28717512e-1f;
  far = far * u - u;
  const Vector y = copySign(1.0f - exp(far), x);
  return select(x != x, x, select(t > 0.927734375f, y, near));
}

}  // namespace STRATA_ISA
}  // namespace strata
