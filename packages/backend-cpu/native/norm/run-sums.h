// Several sums over one run of neighbours at a time.
#pragma once

#include "simd/lanes.h"
#include "simd/reduce.h"

namespace strata {
namespace STRATA_ISA {

template <int count>
struct Terms {
  Vector of[count];
};

/** Elements that are added up in float32 before the sum moves on to double: some 32 additions per lane. */
constexpr size_t kRunBlock = 128 * kLanes;

/** totals[k] = Σ terms(lanes, i).of[k] over i < n. Lanes beyond the end may hold anything. */
template <int count, typename Function>
STRATA_INLINE void sumRun(size_t n, double* totals, Function terms) {
  for (int k = 0; k < count; ++k) {
    totals[k] = 0;
  }
  for (size_t begin = 0; begin < n; begin += kRunBlock) {
    const size_t end = n - begin < kRunBlock ? n : begin + kRunBlock;
    Vector sums[4][count] = {};
    size_t i = begin;
    for (; i + 4 * kLanes <= end; i += 4 * kLanes) {
      for (size_t j = 0; j < 4; ++j) {
        const Terms<count> t = terms(Whole{}, i + j * kLanes);
        for (int k = 0; k < count; ++k) {
          sums[j][k] += t.of[k];
        }
      }
    }
    for (; i + kLanes <= end; i += kLanes) {
      const Terms<count> t = terms(Whole{}, i);
      for (int k = 0; k < count; ++k) {
        sums[0][k] += t.of[k];
      }
    }
    if (i < end) {
      const IntVector inside = kLaneNumbers < static_cast<int32_t>(end - i);
      const Terms<count> t = terms(Part{end - i}, i);
      for (int k = 0; k < count; ++k) {
        sums[1][k] += select(inside, t.of[k], Vector{});
      }
    }
    for (int k = 0; k < count; ++k) {
      const Vector all = (sums[0][k] + sums[1][k]) + (sums[2][k] + sums[3][k]);
      totals[k] += combineLanes(all, [](Vector a, Vector b) { return a + b; });
    }
  }
}

/** f(lanes, i) for every vector of a run of n, the last one perhaps in part. */
template <typename Function>
STRATA_INLINE void eachVector(size_t n, Function f) {
  size_t i = 0;
  for (; i + kLanes <= n; i += kLanes) {
    f(Whole{}, i);
  }
  if (i < n) {
    f(Part{n - i}, i);
  }
}

}  // namespace STRATA_ISA
}  // namespace strata
