// One array in, one out: <name>(x, y, n), those with parameters (x, y, n, …). y may be x.
// NaN stays NaN in all of them but `sign`, whose NaN is 0, as tfjs has it.
#include "kernel.h"
#include "simd/map.h"

STRATA_BEGIN

namespace {

const Vector kZero = {};

STRATA_INLINE float parameter(Call& call, int index) { return static_cast<float>(call.number(index)); }

}  // namespace

STRATA_KERNEL(abs) {
  map(call, [](Vector x) { return abs(x); });
}
STRATA_KERNEL(negate) {
  map(call, [](Vector x) { return -x; });
}
STRATA_KERNEL(sign) {
  map(call, [](Vector x) {
    return select(x > kZero, broadcast(1.0f), select(x < kZero, broadcast(-1.0f), kZero));
  });
}
STRATA_KERNEL(square) {
  map(call, [](Vector x) { return x * x; });
}
STRATA_KERNEL(sqrt) {
  map(call, [](Vector x) { return sqrt(x); });
}
STRATA_KERNEL(rsqrt) {
  map(call, [](Vector x) { return 1.0f / sqrt(x); });
}
STRATA_KERNEL(reciprocal) {
  map(call, [](Vector x) { return 1.0f / x; });
}

STRATA_KERNEL(floor) {
  map(call, [](Vector x) { return floor(x); });
}
STRATA_KERNEL(ceil) {
  map(call, [](Vector x) { return ceil(x); });
}
/** To the nearest integer, ties to even. */
STRATA_KERNEL(round) {
  map(call, [](Vector x) { return roundEven(x); });
}

STRATA_KERNEL(exp) {
  map(call, [](Vector x) { return exp(x); });
}
STRATA_KERNEL(expm1) {
  map(call, [](Vector x) { return expm1(x); });
}
STRATA_KERNEL(log) {
  map(call, [](Vector x) { return log(x); });
}
STRATA_KERNEL(log1p) {
  map(call, [](Vector x) { return log1p(x); });
}
STRATA_KERNEL(erf) {
  map(call, [](Vector x) { return erf(x); });
}
STRATA_KERNEL(tanh) {
  map(call, [](Vector x) { return tanh(x); });
}

STRATA_KERNEL(sigmoid) {
  map(call, [](Vector x) { return sigmoid(x); });
}
STRATA_KERNEL(softplus) {
  map(call, [](Vector x) { return softplus(x); });
}
STRATA_KERNEL(relu) {
  map(call, [](Vector x) { return select(x < kZero, kZero, x); });
}
STRATA_KERNEL(relu6) {
  map(call, [](Vector x) {
    return select(x < kZero, kZero, select(x > broadcast(6.0f), broadcast(6.0f), x));
  });
}
STRATA_KERNEL(elu) {
  map(call, [](Vector x) { return select(x < kZero, expm1(x), x); });
}
/** Klambauer et al., Self-normalizing neural networks (2017): scale and scale·alpha. */
STRATA_KERNEL(selu) {
  map(call, [](Vector x) {
    return select(x < kZero, expm1(x) * 1.7580993408473768f, x * 1.0507009873554805f);
  });
}

/** (x, y, n, slope) */
STRATA_KERNEL(leakyRelu) {
  const Vector slope = broadcast(parameter(call, 3));
  map(call, [=](Vector x) { return select(x < kZero, x * slope, x); });
}
/** (x, y, n, below): 1 where x > 0, `below` elsewhere. */
STRATA_KERNEL(step) {
  const Vector below = broadcast(parameter(call, 3));
  map(call, [=](Vector x) { return select(x > kZero, broadcast(1.0f), select(x != x, x, below)); });
}
/** (x, y, n, least, most) */
STRATA_KERNEL(clip) {
  const Vector least = broadcast(parameter(call, 3));
  const Vector most = broadcast(parameter(call, 4));
  map(call, [=](Vector x) { return select(x > most, most, select(x < least, least, x)); });
}

/** (y, dy, dx, n): the gradient of elu from its result y. */
STRATA_KERNEL(eluGradient) {
  mapPair(call, [](Vector y, Vector dy) { return select(y < kZero, dy * (y + 1.0f), dy); });
}
/** (y, dy, dx, n): the gradient of relu from its result y. */
STRATA_KERNEL(reluGradient) {
  mapPair(call, [](Vector y, Vector dy) { return select(y <= kZero, kZero, dy); });
}

STRATA_END
