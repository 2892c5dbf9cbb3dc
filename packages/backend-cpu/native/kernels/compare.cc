// Comparisons and logic, broadcast: <name>(a, b, y, n, plan?), a and b both float32, both int32 or both bytes (those of
// logic: bytes), y bytes of 0 and 1. Plan as in simd/broadcast.h.
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

template <typename Element, typename Function>
STRATA_INLINE void compareElements(Call& call, const BroadcastPlan& plan, const Element* a, const Element* b,
                                   Function f) {
  uint8_t* y = call.bytes(2, plan.total);
  if (call.failed()) {
    return;
  }
  call.parallelFor(plan.total, kMapGrain, [&](size_t begin, size_t end, int) {
    broadcastPiece(plan, a, b, y, begin, end, f, PutMask());
  });
}

template <typename Function>
STRATA_INLINE void compareTruth(Call& call, Function f) {
  const BroadcastPlan plan = readPlan(call, 4, call.size(3));
  compareElements(call, plan, call.bytes(0, plan.totalA), call.bytes(1, plan.totalB), f);
}

template <typename Function>
STRATA_INLINE void compare(Call& call, Function f) {
  if (call.kind(0) == ArgumentKind::uint8) {
    compareTruth(call, f);
    return;
  }
  const BroadcastPlan plan = readPlan(call, 4, call.size(3));
  if (call.kind(0) == ArgumentKind::int32) {
    compareElements(call, plan, call.ints(0, plan.totalA), call.ints(1, plan.totalB), f);
  } else {
    compareElements(call, plan, call.floats(0, plan.totalA), call.floats(1, plan.totalB), f);
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

STRATA_KERNEL(logicalAnd) {
  compareTruth(call, [](IntVector a, IntVector b) -> IntVector { return (a != 0) & (b != 0); });
}
STRATA_KERNEL(logicalOr) {
  compareTruth(call, [](IntVector a, IntVector b) -> IntVector { return (a | b) != 0; });
}

STRATA_END
