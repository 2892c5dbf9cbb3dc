// Comparisons, broadcast: <name>(a, b, y, n, plan?), a and b both float32 or both int32, y bytes of 0 and 1. Plan as in
// simd/broadcast.h.
#include "kernel.h"
#include "simd/broadcast.h"
#include "simd/mask.h"

STRATA_BEGIN

namespace {

struct PutMask {
  STRATA_INLINE void operator()(uint8_t* to, IntVector mask, size_t count, bool) const {
    storeBytes(to, mask & 1, count);
  }
};

template <typename Function>
STRATA_INLINE void compare(Call& call, Function f) {
  const size_t n = call.size(3);
  const BroadcastPlan plan = readPlan(call, 4, n);
  uint8_t* y = call.bytes(2, n);
  if (call.kind(0) == ArgumentKind::int32) {
    const int32_t* a = call.ints(0, plan.totalA);
    const int32_t* b = call.ints(1, plan.totalB);
    if (!call.failed()) {
      call.parallelFor(n, kMapGrain, [&](size_t begin, size_t end, int) {
        broadcastPiece(plan, a, b, y, begin, end, f, PutMask());
      });
    }
    return;
  }
  const float* a = call.floats(0, plan.totalA);
  const float* b = call.floats(1, plan.totalB);
  if (!call.failed()) {
    call.parallelFor(n, kMapGrain, [&](size_t begin, size_t end, int) {
      broadcastPiece(plan, a, b, y, begin, end, f, PutMask());
    });
  }
}

}  // namespace

STRATA_KERNEL(equal) {
  compare(call, [](auto a, auto b) -> IntVector { return a == b; });
}
STRATA_KERNEL(notEqual) {
  compare(call, [](auto a, auto b) -> IntVector { return a != b; });
}
STRATA_KERNEL(greater) {
  compare(call, [](auto a, auto b) -> IntVector { return a > b; });
}
STRATA_KERNEL(greaterEqual) {
  compare(call, [](auto a, auto b) -> IntVector { return a >= b; });
}
STRATA_KERNEL(less) {
  compare(call, [](auto a, auto b) -> IntVector { return a < b; });
}
STRATA_KERNEL(lessEqual) {
  compare(call, [](auto a, auto b) -> IntVector { return a <= b; });
}

STRATA_END
