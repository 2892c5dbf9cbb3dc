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
      const float* first = call.floats(2, 0);
      if (count == 3) {
        mapRow(first + from, y + from, to - from, [](Vector x) { return x; });
      }
      for (int k = 3; k < count; ++k) {
        mapRows(first + from, call.floats(k, 0) + from, y + from, to - from, [](Vector a, Vector b) { return a + b; });
        first = y;
      }
    }
  });
}

STRATA_END
