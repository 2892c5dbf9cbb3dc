// Sums of which every chunk of images has computed a part.
#pragma once

#include "runtime/sizes.h"
#include "simd/vector.h"

namespace strata {
namespace STRATA_ISA {

/**
 * Into how many chunks what a filter's gradient sums over is divided, where each is computed in `shares` parts from copies: a
 * function of the sizes alone. Enough for every thread to have its share (16 pieces), each small enough for the caches (1 MiB of
 * the `floats` that are copied), all sums of `filters` together no larger than 64 MiB.
 */
STRATA_INLINE size_t chunkCount(size_t shares, size_t floats, size_t filters) {
  constexpr size_t kPieces = 16;
  constexpr size_t kChunkFloats = 256 * 1024;
  constexpr size_t kPartialFloats = 16 * 1024 * 1024;
  const size_t forThreads = ceilDivide(kPieces, shares);
  const size_t forCache = ceilDivide(floats, kChunkFloats);
  return least(forThreads < forCache ? forCache : forThreads, kPartialFloats / filters + 1);
}

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
