// Circular and hyperbolic functions and their inverses, (x, y, n), y may be x; and atan2(a, b, y, n, plan?) as in binary.cc.
#include "simd/trigonometry.h"

#include "kernel.h"
#include "simd/broadcast.h"

STRATA_BEGIN

namespace {

template <typename Function>
STRATA_INLINE void mapDoubles(Call& call, Function f) {
  map(call, [=](Vector x) { return byDoubles(x, f); });
}

}  // namespace

STRATA_KERNEL(sin) {
  map(call, [](Vector x) {
    return ofAngles(
        x, [](DoubleVector v) { return sineOf(v, 0); }, [](double v) { return __builtin_sin(v); });
  });
}
STRATA_KERNEL(cos) {
  map(call, [](Vector x) {
    return ofAngles(
        x, [](DoubleVector v) { return sineOf(v, 1); }, [](double v) { return __builtin_cos(v); });
  });
}
STRATA_KERNEL(tan) {
  map(call, [](Vector x) {
    return ofAngles(
        x, [](DoubleVector v) { return tangentOf(v); }, [](double v) { return __builtin_tan(v); });
  });
}
STRATA_KERNEL(asin) {
  mapDoubles(call, [](DoubleVector x) { return arcsineOf(x); });
}
STRATA_KERNEL(acos) {
  mapDoubles(call, [](DoubleVector x) { return arccosineOf(x); });
}
STRATA_KERNEL(atan) {
  mapDoubles(call, [](DoubleVector x) { return arctangentOf(x); });
}
/** The angle of (b, a) in radians. */
STRATA_KERNEL(atan2) {
  combine(call, [](Vector a, Vector b) {
    return byDoubles(a, b, [](DoubleVector y, DoubleVector x) { return angleOf(y, x); });
  });
}
STRATA_KERNEL(sinh) {
  mapDoubles(call, [](DoubleVector x) { return hyperbolicSineOf(x); });
}
STRATA_KERNEL(cosh) {
  mapDoubles(call, [](DoubleVector x) { return hyperbolicCosineOf(x); });
}
STRATA_KERNEL(asinh) {
  mapDoubles(call, [](DoubleVector x) { return inverseHyperbolicSineOf(x); });
}
STRATA_KERNEL(acosh) {
  mapDoubles(call, [](DoubleVector x) { return inverseHyperbolicCosineOf(x); });
}
STRATA_KERNEL(atanh) {
  mapDoubles(call, [](DoubleVector x) { return inverseHyperbolicTangentOf(x); });
}

STRATA_END
