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

STRATA_INLINE float sumLanes(Vector x) {
  float sum = x[0];
  for (size_t i = 1; i < kLanes; ++i) {
    sum += x[i];
  }
  return sum;
}

STRATA_INLINE float largest(const float* x, size_t n) {
  Vector most = broadcast(-kInfinity);
  size_t i = 0;
  for (; i + kLanes <= n; i += kLanes) {
    most = maxOrNaN(most, load(x + i));
  }
  float result = -kInfinity;
  for (size_t j = 0; j < kLanes; ++j) {
    result = MaxOfFloats::combine(result, static_cast<float>(most[j]));
  }
  for (; i < n; ++i) {
    result = MaxOfFloats::combine(result, x[i]);
  }
  return result;
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
    const size_t rest = n - i;
    const Vector e = exp(loadPart(x + i, rest) - shift);
    if (y != nullptr) {
      storePart(y + i, e, rest);
    }
    for (size_t j = 0; j < rest; ++j) {
      sums[j] += e[j];
    }
  }
  return sumLanes(sums);
}

/** y[i] = f(x[i]). */
template <typename Function>
STRATA_INLINE void mapRow(const float* x, float* y, size_t n, Function f) {
  size_t i = 0;
  for (; i + kLanes <= n; i += kLanes) {
    store(y + i, f(load(x + i)));
  }
  if (i < n) {
    storePart(y + i, f(loadPart(x + i, n - i)), n - i);
  }
}

}  // namespace STRATA_ISA
}  // namespace strata
