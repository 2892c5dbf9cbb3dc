// argMax, argMin(x, y, outer, count, inner): where the greatest or least of x[o, :, i] stands, the first of equals, as
// int32. Like tfjs: a NaN counts only when it comes first, and then it is the answer.
#include "kernel.h"
#include "simd/map.h"

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
template <typename Better>
STRATA_INLINE int32_t alongRun(const float* x, size_t n, Better better) {
  // Find the best value, then its first place: both passes run at the speed of memory.
  if (x[0] != x[0]) {
    return 0;
  }
  float best = x[0];
  size_t i = 0;
  if (n >= kLanes) {
    Vector bests = broadcast(best);
    for (; i + kLanes <= n; i += kLanes) {
      const Vector value = load(x + i);
      bests = select(better(value, bests), value, bests);
    }
    for (size_t j = 0; j < kLanes; ++j) {
      best = better(static_cast<float>(bests[j]), best) ? bests[j] : best;
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
template <typename Better>
STRATA_INLINE void alongColumns(const float* x, size_t count, size_t stride, size_t columns, int32_t* y, Better better) {
  size_t c = 0;
  for (; c < columns; c += kLanes) {
    const size_t width = columns - c < kLanes ? columns - c : kLanes;
    Vector bests = width == kLanes ? load(x + c) : loadPart(x + c, width);
    IntVector at = {};
    for (size_t k = 1; k < count; ++k) {
      const float* row = x + k * stride + c;
      const Vector value = width == kLanes ? load(row) : loadPart(row, width);
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

template <typename Better>
STRATA_INLINE void argExtreme(Call& call, Better better) {
  const size_t outer = call.size(2);
  const size_t count = call.size(3);
  const size_t inner = call.size(4);
  const float* x = call.floats(0, outer * count * inner);
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

}  // namespace

STRATA_KERNEL(argMax) { argExtreme(call, Greater()); }

STRATA_KERNEL(argMin) { argExtreme(call, Less()); }

STRATA_END
