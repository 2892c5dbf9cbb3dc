// Elementary functions of float32 by way of float64: what rounding and cancellation cost there is far below the last place of
// the result, which so is within 0.51 units in the last place, and plain formulas do. Exponents of float32 and their sums fit, so
// that nothing overflows on the way.
#pragma once

#include "simd/math.h"
#include "simd/reduce.h"

namespace strata {
namespace STRATA_ISA {

STRATA_INLINE DoubleVector broadcast(double value) { return value - DoubleVector{}; }
STRATA_INLINE DoubleVector bitsToDouble(LongVector bits) { return reinterpret_cast<DoubleVector>(bits); }
STRATA_INLINE LongVector doubleToBits(DoubleVector value) { return reinterpret_cast<LongVector>(value); }
STRATA_INLINE DoubleVector select(LongVector mask, DoubleVector a, DoubleVector b) { return mask ? a : b; }
STRATA_INLINE DoubleVector abs(DoubleVector x) { return bitsToDouble(doubleToBits(x) & INT64_MAX); }
STRATA_INLINE DoubleVector copySign(DoubleVector magnitude, DoubleVector sign) {
  return bitsToDouble((doubleToBits(magnitude) & INT64_MAX) | (doubleToBits(sign) & INT64_MIN));
}
STRATA_INLINE DoubleVector sqrt(DoubleVector x) {
  DoubleVector y;
  for (size_t i = 0; i < kHalfLanes; ++i) {
    y[i] = __builtin_sqrt(x[i]);
  }
  return y;
}

/** Both halves of a vector in float64. */
struct Doubles {
  DoubleVector low, high;
};

STRATA_INLINE Doubles widen(Vector x) {
  alignas(sizeof(Vector)) float lanes[kLanes];
  store(lanes, x);
  return {loadDoubles(lanes), loadDoubles(lanes + kHalfLanes)};
}

STRATA_INLINE Vector narrow(DoubleVector low, DoubleVector high) {
#if defined(__AVX512F__)
  const __m256 a = _mm512_maskz_cvtpd_ps(0xff, reinterpret_cast<__m512d>(low));
  const __m256 b = _mm512_maskz_cvtpd_ps(0xff, reinterpret_cast<__m512d>(high));
  return __builtin_shufflevector(reinterpret_cast<HalfVector>(a), reinterpret_cast<HalfVector>(b), 0, 1, 2, 3, 4, 5, 6, 7,
                                 8, 9, 10, 11, 12, 13, 14, 15);
#else
  Vector y;
  for (size_t i = 0; i < kHalfLanes; ++i) {
    y[i] = static_cast<float>(low[i]);
    y[i + kHalfLanes] = static_cast<float>(high[i]);
  }
  return y;
#endif
}

/** f, a function of doubles, of every lane. */
template <typename Function>
STRATA_INLINE Vector byDoubles(Vector x, Function f) {
  const Doubles d = widen(x);
  return narrow(f(d.low), f(d.high));
}
template <typename Function>
STRATA_INLINE Vector byDoubles(Vector a, Vector b, Function f) {
  const Doubles c = widen(a);
  const Doubles d = widen(b);
  return narrow(f(c.low, d.low), f(c.high, d.high));
}

/** The sum of coefficients[k]·x^k, the first that of the highest power. */
template <size_t count>
STRATA_INLINE DoubleVector polynomial(DoubleVector x, const double (&coefficients)[count]) {
  DoubleVector y = broadcast(coefficients[0]);
  for (size_t k = 1; k < count; ++k) {
    y = y * x + coefficients[k];
  }
  return y;
}

/** To the nearest integer, for |x| < 2^51: 1.5·2^52 leaves no bits for fractions, and the integer in the low ones. */
constexpr double kWhole = 6755399441055744.0;

/** e^x for |x| ≤ 700; NaN for NaN. By Taylor's series on [−ln 2 / 2, ln 2 / 2], 1e-11 off. */
STRATA_INLINE DoubleVector exp(DoubleVector x) {
  const DoubleVector shifted = x * 1.4426950408889634 + kWhole;
  const DoubleVector n = shifted - kWhole;
  const DoubleVector r = (x - n * 0.6931471805598903) - n * 5.497923018708371e-14;
  constexpr double kTaylor[] = {1.0 / 362880, 1.0 / 40320, 1.0 / 5040, 1.0 / 720, 1.0 / 120,
                                1.0 / 24,     1.0 / 6,     0.5,        1,         1};
  const LongVector power = (doubleToBits(shifted) - doubleToBits(broadcast(kWhole)) + 1023) << 52;
  return polynomial(r, kTaylor) * bitsToDouble(power);
}

/** ln x for x ≥ 2^-1022 and infinity; −∞ for 0; NaN for others. By 2·artanh((m − 1)/(m + 1)), m in [√½, √2), 1e-12 off. */
STRATA_INLINE DoubleVector log(DoubleVector x) {
  constexpr int64_t kRootHalf = 0x3fe6a09e667f3bcd;
  // Unsigned: lanes that hold no such x may overflow.
  typedef uint64_t LongWords __attribute__((vector_size(kHalfLanes * 8)));
  const auto offset = reinterpret_cast<LongVector>(reinterpret_cast<LongWords>(x) - static_cast<uint64_t>(kRootHalf));
  const LongVector exponent = offset >> 52;
  const DoubleVector m = bitsToDouble((offset & 0x000fffffffffffff) + kRootHalf);
  const DoubleVector e = bitsToDouble(exponent + doubleToBits(broadcast(kWhole))) - kWhole;
  const DoubleVector s = (m - 1.0) / (m + 1.0);
  constexpr double kSeries[] = {2.0 / 15, 2.0 / 13, 2.0 / 11, 2.0 / 9, 2.0 / 7, 2.0 / 5, 2.0 / 3, 2};
  const DoubleVector y = polynomial(s * s, kSeries) * s + e * 0.6931471805599453;
  const DoubleVector infinity = broadcast(__builtin_inf());
  const DoubleVector ofOthers = select(x == 0.0, -infinity, select(x == infinity, x, broadcast(__builtin_nan(""))));
  return select((x > 0.0) & (x < infinity), y, ofOthers);
}

/**
 * a^b as e^(b·ln|a|), for operands of float32, with C's signs, zeros and infinities, but as JavaScript NaN when b is NaN or
 * |a| is 1 and b infinite (∞·0).
 */
STRATA_INLINE DoubleVector powerOf(DoubleVector a, DoubleVector b) {
  DoubleVector p = b * log(abs(a));
  p = select(p > 200.0, broadcast(200.0), select(p < -200.0, broadcast(-200.0), p));
  const DoubleVector magnitude = select(b == 0.0, broadcast(1.0), exp(p));
  // From 2^24 on every float32 is even.
  const DoubleVector shifted = b + kWhole;
  const LongVector small = abs(b) < 16777216.0;
  const LongVector fraction = small & (shifted - kWhole != b);
  const LongVector odd = small & ~fraction & ((doubleToBits(shifted) & 1) != 0);
  const DoubleVector y = bitsToDouble(doubleToBits(magnitude) ^ (odd & doubleToBits(a) & INT64_MIN));
  const LongVector none = (a < 0.0) & (a > -__builtin_inf()) & fraction;
  return select(none, broadcast(__builtin_nan("")), y);
}

}  // namespace STRATA_ISA
}  // namespace strata
