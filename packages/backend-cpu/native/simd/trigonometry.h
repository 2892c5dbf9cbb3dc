// Circular and hyperbolic functions and their inverses, of float64 halves of vectors of float32: see simd/doubles.h.
#pragma once

#include "simd/doubles.h"
#include "simd/mask.h"

namespace strata {
namespace STRATA_ISA {

/** sin and cos of |r| ≤ π/4, by Taylor's series, 1e-11 and 2e-10 off. */
STRATA_INLINE DoubleVector sineNear0(DoubleVector r) {
  constexpr double kTaylor[] = {-1.0 / 39916800, 1.0 / 362880, -1.0 / 5040, 1.0 / 120, -1.0 / 6, 1};
  // As a multiple of r, which keeps the sign of its zero.
  return r * polynomial(r * r, kTaylor);
}
STRATA_INLINE DoubleVector cosineNear0(DoubleVector r) {
  constexpr double kTaylor[] = {-1.0 / 3628800, 1.0 / 40320, -1.0 / 720, 1.0 / 24, -0.5, 1};
  return polynomial(r * r, kTaylor);
}

/** x = n·π/2 + r, |r| ≤ π/4, for |x| ≤ kLargestAngle. */
struct Quadrant {
  LongVector n;
  DoubleVector r;
};

/** Beyond, multiples of the parts of π/2 would be rounded. */
constexpr float kLargestAngle = 67108864.0f;

STRATA_INLINE Quadrant quadrantOf(DoubleVector x) {
  const DoubleVector shifted = x * 0.6366197723675814 + kWhole;
  const DoubleVector n = shifted - kWhole;
  // π/2 in parts of 26, 26 and 53 bits: n, of 26, times the first two is exact, and so are the differences.
  const DoubleVector r = ((x - n * 1.5707963109016418) - n * 1.5893254712295857e-08) - n * 6.123233995736766e-17;
  return {doubleToBits(shifted), r};
}

/** The sine `turns` quadrants further on: 1 makes it the cosine. */
STRATA_INLINE DoubleVector sineOf(DoubleVector x, int64_t turns) {
  const Quadrant q = quadrantOf(x);
  const LongVector n = q.n + turns;
  const DoubleVector y = select((n & 1) == 0, sineNear0(q.r), cosineNear0(q.r));
  return bitsToDouble(doubleToBits(y) ^ ((n & 2) << 62));
}

STRATA_INLINE DoubleVector tangentOf(DoubleVector x) {
  const Quadrant q = quadrantOf(x);
  const DoubleVector sine = sineNear0(q.r);
  const DoubleVector cosine = cosineNear0(q.r);
  const LongVector odd = (q.n & 1) != 0;
  return select(odd, -cosine, sine) / select(odd, sine, cosine);
}

/** f of every lane; `one`, C's function of a double, where an angle is too large for quadrantOf. */
template <typename Function, typename One>
STRATA_INLINE Vector ofAngles(Vector x, Function f, One one) {
  // Not that of NaN.
  if (__builtin_expect(any(abs(x) > kLargestAngle), 0)) {
    return eachLane(x, [=](float lane) { return static_cast<float>(one(lane)); });
  }
  return byDoubles(x, f);
}

/** atan of over/under, both at least 0, in [0, π/2]; 0 of 0/0. */
STRATA_INLINE DoubleVector arctangent(DoubleVector over, DoubleVector under) {
  // tan(π/8) and its reciprocal: beyond, the angle to π/4 or π/2 is small.
  const LongVector steep = over > under * 2.414213562373095;
  const LongVector middle = (over > under * 0.41421356237309503) & ~steep;
  const DoubleVector a = select(steep, -under, select(middle, over - under, over));
  const DoubleVector b = select(steep, over, select(middle, over + under, under));
  const DoubleVector z = a / select(b == 0.0, broadcast(1.0), b);
  // Its Taylor series up to z^21, 2e-11 off for |z| ≤ tan(π/8).
  constexpr double kTaylor[] = {-1.0 / 23, 1.0 / 21, -1.0 / 19, 1.0 / 17, -1.0 / 15, 1.0 / 13,
                                -1.0 / 11, 1.0 / 9,  -1.0 / 7,  1.0 / 5,  -1.0 / 3,  1};
  const DoubleVector base =
      select(steep, broadcast(1.5707963267948966), select(middle, broadcast(0.7853981633974483), DoubleVector{}));
  return base + z * polynomial(z * z, kTaylor);
}

/** The angle of (x, y): as arctangent in its quadrant. Two infinities make a diagonal. */
STRATA_INLINE DoubleVector angleOf(DoubleVector y, DoubleVector x) {
  const DoubleVector infinity = broadcast(__builtin_inf());
  const LongVector diagonal = (abs(y) == infinity) & (abs(x) == infinity);
  const DoubleVector one = broadcast(1.0);
  const DoubleVector angle = arctangent(select(diagonal, one, abs(y)), select(diagonal, one, abs(x)));
  return copySign(select(doubleToBits(x) < 0, 3.141592653589793 - angle, angle), y);
}

STRATA_INLINE DoubleVector arctangentOf(DoubleVector x) { return copySign(arctangent(abs(x), broadcast(1.0)), x); }
/** √(1 − x²), NaN where |x| > 1. */
STRATA_INLINE DoubleVector otherLeg(DoubleVector x) { return sqrt((1.0 - x) * (1.0 + x)); }
STRATA_INLINE DoubleVector arcsineOf(DoubleVector x) { return copySign(arctangent(abs(x), otherLeg(x)), x); }
STRATA_INLINE DoubleVector arccosineOf(DoubleVector x) { return angleOf(otherLeg(x), x); }

/** e^|x|, as large as no float32 where it exceeds them. */
STRATA_INLINE DoubleVector growth(DoubleVector x) {
  const DoubleVector t = abs(x);
  return exp(select(t > 100.0, broadcast(100.0), t));
}
/** Where series of two terms take over from differences that cancel. */
constexpr double kSmall = 1e-4;

STRATA_INLINE DoubleVector hyperbolicSineOf(DoubleVector x) {
  const DoubleVector e = growth(x);
  const DoubleVector y = copySign((e - 1.0 / e) * 0.5, x);
  return select(abs(x) < kSmall, x * (1.0 + x * x * (1.0 / 6)), y);
}
STRATA_INLINE DoubleVector hyperbolicCosineOf(DoubleVector x) {
  const DoubleVector e = growth(x);
  return (e + 1.0 / e) * 0.5;
}
STRATA_INLINE DoubleVector inverseHyperbolicSineOf(DoubleVector x) {
  const DoubleVector t = abs(x);
  const DoubleVector y = copySign(log(t + sqrt(t * t + 1.0)), x);
  return select(t < kSmall, x * (1.0 - x * x * (1.0 / 6)), y);
}
STRATA_INLINE DoubleVector inverseHyperbolicCosineOf(DoubleVector x) {
  const DoubleVector y = log(x + sqrt((x - 1.0) * (x + 1.0)));
  return select(x < 1.0, broadcast(__builtin_nan("")), y);
}
STRATA_INLINE DoubleVector inverseHyperbolicTangentOf(DoubleVector x) {
  const DoubleVector t = abs(x);
  const DoubleVector y = log((1.0 + t) / (1.0 - t)) * 0.5;
  // Of NaN the sign means nothing.
  return select(t < kSmall, x * (1.0 + x * x * (1.0 / 3)), copySign(y, x));
}

}  // namespace STRATA_ISA
}  // namespace strata
