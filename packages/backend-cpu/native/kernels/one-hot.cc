// oneHot(indices [n], y [n, depth], n, depth, on, off), y of any kind; an index outside [0, depth) leaves its row off.
#include "kernel.h"
#include "simd/map.h"

STRATA_BEGIN

namespace {

template <typename Element>
STRATA_INLINE void fillRows(Call& call, const int32_t* indices, Element* y, size_t n, size_t depth) {
  const auto on = static_cast<Element>(call.number(4));
  const auto off = static_cast<Element>(call.number(5));
  if (call.failed()) {
    return;
  }
  const size_t grain = depth >= kMapGrain ? 1 : kMapGrain / (depth + 1);
  call.parallelFor(n, grain, [=](size_t begin, size_t end, int) {
    for (size_t i = begin * depth; i < end * depth; ++i) {
      y[i] = off;
    }
    for (size_t i = begin; i < end; ++i) {
      if (indices[i] >= 0 && static_cast<size_t>(indices[i]) < depth) {
        y[i * depth + static_cast<size_t>(indices[i])] = on;
      }
    }
  });
}

}  // namespace

STRATA_KERNEL(oneHot) {
  const size_t n = call.size(2);
  const size_t depth = call.size(3);
  const int32_t* indices = call.ints(0, n);
  if (call.kind(1) == ArgumentKind::int32) {
    fillRows(call, indices, call.ints(1, n * depth), n, depth);
  } else if (call.kind(1) == ArgumentKind::uint8) {
    fillRows(call, indices, call.bytes(1, n * depth), n, depth);
  } else {
    fillRows(call, indices, call.floats(1, n * depth), n, depth);
  }
}

STRATA_END
