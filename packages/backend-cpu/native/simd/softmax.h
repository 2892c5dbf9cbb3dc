// What softmax and its cross entropy share: the largest of a row, and the sum of the exponentials of the rest.
#pragma once

#include "simd/reduce.h"

namespace strata {
namespace STRATA_ISA {

/** Rows in one piece of a loop over rows of `columns` elements. */
STRATA_INLINE size_t rowGrain(size_t columns) {
  const size_t rows = columns == 0 ? kMapGrain : kMapGrain / 4 / columns;
  return rows == 0 ? 1 : rows;
}

STRATA_INLINE float largest(const float* x, size_t n) {
  Vector most = broadcast(-kInfinity);
  size_t i = 0;
  for (; i + kLanes <= n; i += kLanes) {
    most = maxOrNaN(most, load(x + i));
  }
  if (i < n) {
    const IntVector inside = kLaneNumbers < static_cast<int32_t>(n - i);
    most = maxOrNaN(most, select(inside, loadPart(x + i, n - i), most));
  }
  return combineLanes(most, [](Vector a, Vector b) { return maxOrNaN(a, b); });
}

/** Σ e^(x[i] − shift); the terms go to y where there is one. */
STRATA_INLINE float sumExp(const float* x, float* y, size_t n, float shift) {
  Vector sums = {};
  size_t i = 0;
  for (; i + kLanes <= n; i += kLanes) {
    const Vector e = exp(load(x + i) - shift);
    if (y != nullptr) {
      store(y + i, e);
    }
    sums += e;
  }
  if (i < n) {
    const Vector e = exp(loadPart(x + i, n - i) - shift);
    if (y != nullptr) {
      storePart(y + i, e, n - i);
    }
    sums += select(kLaneNumbers < static_cast<int32_t>(n - i), e, Vector{});
  }
  return combineLanes(sums, [](Vector a, Vector b) { return a + b; });
}

}  // namespace STRATA_ISA
}  // namespace strata
