// argMax, argMin(x, y, outer, count, inner): where the greatest or least of x[o, :, i] stands, the first of equals, as
// int32; x float32, int32 or bytes. Like tfjs: a NaN counts only when it comes first, and then it is the answer.
#include "kernel.h"
#include "simd/map.h"
#include "simd/mask.h"

STRATA_BEGIN

namespace {

struct Greater {
  template <typename T>
  STRATA_INLINE auto operator()(T a, T b) const -> decltype(a > b) {
    return a > b;
  }
};
struct Less {
  template <typename T>
  STRATA_INLINE auto operator()(T a, T b) const -> decltype(a < b) {
    return a < b;
  }
};

/** Where the first best of n neighbours stands. */
template <typename Element, typename Better>
STRATA_INLINE int32_t alongRun(const Element* x, size_t n, Better better) {
  // Find the best value, then its first place: both passes run at the speed of memory.
  if (x[0] != x[0]) {
    return 0;
  }
  Element best = x[0];
  size_t i = 0;
  if (n >= kLanes) {
    auto bests = broadcast(best);
    for (; i + kLanes <= n; i += kLanes) {
      const auto value = load(x + i);
      bests = select(better(value, bests), value, bests);
    }
    for (size_t j = 0; j < kLanes; ++j) {
      const auto value = static_cast<Element>(bests[j]);
      best = better(value, best) ? value : best;
    }
  }
  for (; i < n; ++i) {
    best = better(x[i], best) ? x[i] : best;
  }
  size_t at = 0;
  while (x[at] != best) {
    ++at;
  }
  return static_cast<int32_t>(at);
}

/** The same for `columns` columns of rows `stride` apart. */
template <typename Element, typename Better>
STRATA_INLINE void alongColumns(const Element* x, size_t count, size_t stride, size_t columns, int32_t* y,
                                Better better) {
  size_t c = 0;
  for (; c < columns; c += kLanes) {
    const size_t width = columns - c < kLanes ? columns - c : kLanes;
    auto bests = width == kLanes ? load(x + c) : loadPart(x + c, width);
    IntVector at = {};
    for (size_t k = 1; k < count; ++k) {
      const Element* row = x + k * stride + c;
      const auto value = width == kLanes ? load(row) : loadPart(row, width);
      const IntVector wins = better(value, bests);
      bests = select(wins, value, bests);
      at = select(wins, broadcast(static_cast<int32_t>(k)), at);
    }
    if (width == kLanes) {
      store(y + c, at);
    } else {
      storePart(y + c, at, width);
    }
  }
}

template <typename Element, typename Better>
STRATA_INLINE void argExtremeOf(Call& call, const Element* x, Better better) {
  const size_t outer = call.size(2);
  const size_t count = call.size(3);
  const size_t inner = call.size(4);
  int32_t* y = call.ints(1, outer * inner);
  if (call.failed()) {
    return;
  }
  if (count == 0) {
    call.fail("STRATA_BAD_ARGUMENT", "no elements to choose from");
    return;
  }
  const size_t size = count * inner;
  const size_t grain = size >= kMapGrain ? 1 : (size == 0 ? 1 : kMapGrain / size);
  call.parallelFor(outer, grain, [=](size_t begin, size_t end, int) {
    for (size_t o = begin; o < end; ++o) {
      if (inner == 1) {
        y[o] = alongRun(x + o * count, count, better);
      } else {
        alongColumns(x + o * size, count, inner, inner, y + o * inner, better);
      }
    }
  });
}

template <typename Better>
STRATA_INLINE void argExtreme(Call& call, Better better) {
  const size_t n = call.size(2) * call.size(3) * call.size(4);
  if (call.kind(0) == ArgumentKind::int32) {
    argExtremeOf(call, call.ints(0, n), better);
  } else if (call.kind(0) == ArgumentKind::uint8) {
    argExtremeOf(call, call.bytes(0, n), better);
  } else {
    argExtremeOf(call, call.floats(0, n), better);
  }
}

}  // namespace

STRATA_KERNEL(argMax) { argExtreme(call, Greater()); }

STRATA_KERNEL(argMin) { argExtreme(call, Less()); }

STRATA_END
