// Sums of which every chunk of images has computed a part.
#pragma once

#include "simd/vector.h"

namespace strata {
namespace STRATA_ISA {

/** sum[i] = Σ over c < chunks of partials[c·stride + i] for i < n, added in order, on the pool's threads. */
STRATA_INLINE void addPartialSums(Call& call, const float* partials, size_t stride, size_t chunks, float* sum,
                                  size_t n) {
  constexpr size_t kGrain = 8192;
  call.parallelFor(n, kGrain, [=](size_t begin, size_t end, int) {
    size_t i = begin;
    for (; i + kLanes <= end; i += kLanes) {
      Vector total = load(partials + i);
      for (size_t chunk = 1; chunk < chunks; ++chunk) {
        total += load(partials + chunk * stride + i);
      }
      store(sum + i, total);
    }
    for (; i < end; ++i) {
      float total = partials[i];
      for (size_t chunk = 1; chunk < chunks; ++chunk) {
        total += partials[chunk * stride + i];
      }
      sum[i] = total;
    }
  });
}

}  // namespace STRATA_ISA
}  // namespace strata
