// One array of int32 in, one out: <name>(x, y, n, …). y may be x. Results wrap modulo 2^32.
#include "kernel.h"
#include "simd/map.h"

STRATA_BEGIN

namespace {

template <typename Function>
STRATA_INLINE void mapInts(Call& call, Function f) {
  const size_t n = call.size(2);
  const int32_t* x = call.ints(0, n);
  mapArray(call, x, call.ints(1, n), n, f);
}

STRATA_INLINE IntVector whole(Call& call, int index) { return broadcast(static_cast<int32_t>(call.number(index))); }

}  // namespace

/** The least int32 stays itself. */
STRATA_KERNEL(absInts) {
  mapInts(call, [](IntVector x) { return select(x < 0, wrapSubtract(IntVector{}, x), x); });
}
STRATA_KERNEL(negateInts) {
  mapInts(call, [](IntVector x) { return wrapSubtract(IntVector{}, x); });
}
STRATA_KERNEL(signInts) {
  // A comparison gives −1 where it holds.
  mapInts(call, [](IntVector x) -> IntVector { return (x < 0) - (x > 0); });
}
STRATA_KERNEL(squareInts) {
  mapInts(call, [](IntVector x) { return wrapMultiply(x, x); });
}
/** (x, y, n, below): 1 where x > 0, `below` elsewhere. */
STRATA_KERNEL(stepInts) {
  const IntVector below = whole(call, 3);
  mapInts(call, [=](IntVector x) { return select(x > 0, broadcast(1), below); });
}
/** (x, y, n, least, floor, most, ceiling): floor where x < least, ceiling where x > most. */
STRATA_KERNEL(clipInts) {
  const IntVector least = whole(call, 3);
  const IntVector floor = whole(call, 4);
  const IntVector most = whole(call, 5);
  const IntVector ceiling = whole(call, 6);
  mapInts(call, [=](IntVector x) { return select(x > most, ceiling, select(x < least, floor, x)); });
}

STRATA_END
