// Truth values, bytes of 0 and 1, of one array: <name>(x, y, n).
#include "kernel.h"
#include "simd/map.h"
#include "simd/mask.h"

STRATA_BEGIN

namespace {

/** y is 1 for the elements of which f holds. */
template <typename Function>
STRATA_INLINE void classify(Call& call, Function f) {
  const size_t n = call.size(2);
  const float* x = call.floats(0, n);
  uint8_t* y = call.bytes(1, n);
  if (call.failed()) {
    return;
  }
  call.parallelFor(n, kMapGrain, [=](size_t begin, size_t end, int) {
    size_t i = begin;
    for (; i + kLanes <= end; i += kLanes) {
      storeBytes(y + i, f(load(x + i)) & 1, kLanes);
    }
    if (i < end) {
      storeBytes(y + i, f(loadPart(x + i, end - i)) & 1, end - i);
    }
  });
}

}  // namespace

STRATA_KERNEL(logicalNot) {
  const size_t n = call.size(2);
  const uint8_t* x = call.bytes(0, n);
  uint8_t* y = call.bytes(1, n);
  if (call.failed()) {
    return;
  }
  call.parallelFor(n, 4 * kMapGrain, [=](size_t begin, size_t end, int) {
    for (size_t i = begin; i < end; ++i) {
      y[i] = x[i] == 0;
    }
  });
}

STRATA_KERNEL(isNaN) {
  classify(call, [](Vector x) -> IntVector { return x != x; });
}
STRATA_KERNEL(isInf) {
  classify(call, [](Vector x) -> IntVector { return abs(x) == kInfinity; });
}
STRATA_KERNEL(isFinite) {
  classify(call, [](Vector x) -> IntVector { return abs(x) < kInfinity; });
}

STRATA_END
