// Running sums and products along the middle axis of [outer, count, inner], float32 or int32:
// <name>(x, y, outer, count, inner, exclusive, reverse). Those of float32 are kept in float64; int32 wraps.
#include "kernel.h"
#include "simd/map.h"

STRATA_BEGIN

namespace {

template <typename Element, typename Total, typename Function>
STRATA_INLINE void scan(Call& call, const Element* x, Element* y, Total first, Function f) {
  const size_t outer = call.size(2);
  const size_t count = call.size(3);
  const size_t inner = call.size(4);
  const bool exclusive = call.number(5) != 0;
  const bool reverse = call.number(6) != 0;
  if (call.failed()) {
    return;
  }
  // Neighbouring columns go side by side, in blocks whose totals stay in the first-level cache.
  constexpr size_t block = 256;
  const size_t blocks = (inner + block - 1) / block;
  const size_t work = count * (inner < block ? inner : block);
  const size_t grain = work >= kMapGrain ? 1 : kMapGrain / (work + 1);
  call.parallelFor(outer * blocks, grain, [=](size_t begin, size_t end, int) {
    for (size_t piece = begin; piece < end; ++piece) {
      const size_t column = piece % blocks * block;
      const size_t width = inner - column < block ? inner - column : block;
      const size_t start = piece / blocks * count * inner + column;
      Total totals[block];
      for (size_t c = 0; c < width; ++c) {
        totals[c] = first;
      }
      for (size_t k = 0; k < count; ++k) {
        const size_t at = start + (reverse ? count - 1 - k : k) * inner;
        for (size_t c = 0; c < width; ++c) {
          const Total before = totals[c];
          const Total after = f(before, static_cast<Total>(x[at + c]));
          totals[c] = after;
          y[at + c] = static_cast<Element>(exclusive ? before : after);
        }
      }
    }
  });
}

template <typename Function>
STRATA_INLINE void scanAny(Call& call, int first, Function f) {
  const size_t n = call.size(2) * call.size(3) * call.size(4);
  if (call.kind(0) == ArgumentKind::int32) {
    const int32_t* x = call.ints(0, n);
    int32_t* y = call.ints(1, n);
    // Unsigned arithmetic wraps.
    scan(call, reinterpret_cast<const uint32_t*>(x), reinterpret_cast<uint32_t*>(y), static_cast<uint32_t>(first), f);
  } else {
    const float* x = call.floats(0, n);
    float* y = call.floats(1, n);
    scan(call, x, y, static_cast<double>(first), f);
  }
}

}  // namespace

STRATA_KERNEL(cumsum) {
  scanAny(call, 0, [](auto total, auto x) { return total + x; });
}

STRATA_KERNEL(cumprod) {
  scanAny(call, 1, [](auto total, auto x) { return total * x; });
}

STRATA_END
