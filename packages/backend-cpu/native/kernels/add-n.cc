// addN(y, n, x0, x1, …): y[i] = x0[i] + x1[i] + …, in this order. y may be x0.
#include "kernel.h"
#include "simd/map.h"

STRATA_BEGIN

STRATA_KERNEL(addN) {
  const size_t n = call.size(1);
  float* y = call.floats(0, n);
  const int count = call.count();
  for (int k = 2; k < count; ++k) {
    call.floats(k, n);
  }
  if (call.failed() || count < 3) {
    return;
  }
  // Blocks that stay in the first-level cache while one input after the other is added.
  constexpr size_t block = 2048;
  call.parallelFor(n, kMapGrain, [&](size_t begin, size_t end, int) {
    for (size_t from = begin; from < end; from += block) {
      const size_t to = end - from < block ? end : from + block;
      for (int k = 3; k < count || k == 3; ++k) {
        const float* first = k == 3 ? call.floats(2, 0) : y;
        const float* next = k < count ? call.floats(k, 0) : nullptr;
        for (size_t i = from; i < to; i += kLanes) {
          const size_t width = to - i < kLanes ? to - i : kLanes;
          const Vector sum = loadPart(first + i, width);
          storePart(y + i, next == nullptr ? sum : sum + loadPart(next + i, width), width);
        }
      }
    }
  });
}

STRATA_END
