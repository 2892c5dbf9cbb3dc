#include "kernel.h"
#include "matmul/tile.h"
#include "simd/math.h"

STRATA_BEGIN

namespace {

template <typename Function>
STRATA_INLINE void inPlace(float* values, size_t n, Function f) {
  size_t i = 0;
  for (; i + kLanes <= n; i += kLanes) {
    store(values + i, f(load(values + i)));
  }
  if (i < n) {
    storePart(values + i, f(loadPart(values + i, n - i)), n - i);
  }
}

}  // namespace

void activate(Activation activation, float* values, size_t n) {
  switch (activation) {
    case Activation::linear:
      return;
    case Activation::relu:
      return inPlace(values, n, [](Vector x) { return max(Vector{}, x); });
    case Activation::relu6:
      return inPlace(values, n, [](Vector x) { return min(broadcast(6.0f), max(Vector{}, x)); });
    case Activation::elu:
      return inPlace(values, n, [](Vector x) { return select(x < 0.0f, expm1(x), x); });
    case Activation::sigmoid:
      return inPlace(values, n, [](Vector x) { return sigmoid(x); });
    case Activation::tanh:
      return inPlace(values, n, [](Vector x) { return tanh(x); });
  }
}

STRATA_END
