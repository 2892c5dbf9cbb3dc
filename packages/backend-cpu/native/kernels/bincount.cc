// bincount(x [rows, columns], weights or null, y [rows, size], rows, columns, size, binary): y[row][v] = how often v occurs in the
// row of x, or the sum of the weights there, or with `binary` whether it occurs. x is int32; weights and y are both float32 or
// both int32. Values of `size` and more count nowhere; a negative one fails the call. Sums are those of float64; int32 wraps.
#include "kernel.h"
#include "simd/map.h"

STRATA_BEGIN

namespace {

struct Counts {
  size_t rows, columns, size;
  bool binary;
};

template <typename Element>
STRATA_INLINE void countRows(Call& call, const int32_t* x, const Element* weights, Element* y, const Counts& p) {
  double* scratch = static_cast<double*>(call.scratch(p.size * sizeof(double) * static_cast<size_t>(call.threads())));
  if (call.failed() || p.size == 0) {
    return;
  }
  const size_t work = p.columns + p.size + 1;
  call.parallelFor(p.rows, work >= kMapGrain ? 1 : kMapGrain / work, [=](size_t begin, size_t end, int slot) {
    double* totals = scratch + p.size * static_cast<size_t>(slot);
    for (size_t row = begin; row < end; ++row) {
      __builtin_memset(totals, 0, p.size * sizeof(double));
      for (size_t i = row * p.columns; i < (row + 1) * p.columns; ++i) {
        const auto value = static_cast<size_t>(x[i]);
        if (value < p.size) {
          totals[value] = p.binary ? 1.0 : totals[value] + (weights == nullptr ? 1.0 : static_cast<double>(weights[i]));
        }
      }
      for (size_t v = 0; v < p.size; ++v) {
        if constexpr (static_cast<Element>(0.5f) == 0) {
          y[row * p.size + v] = static_cast<Element>(static_cast<int64_t>(totals[v]));
        } else {
          y[row * p.size + v] = static_cast<Element>(totals[v]);
        }
      }
    }
  });
}

}  // namespace

STRATA_KERNEL(bincount) {
  const Counts p = {call.size(3), call.size(4), call.size(5), call.number(6) != 0};
  const size_t n = p.rows * p.columns;
  const int32_t* x = call.ints(0, n);
  for (size_t i = 0; !call.failed() && i < n; ++i) {
    if (x[i] < 0) {
      call.fail("STRATA_BAD_ARGUMENT", "counts are of values of at least 0; received %d at %zu", x[i], i);
    }
  }
  if (call.kind(2) == ArgumentKind::int32) {
    countRows(call, x, call.has(1) ? call.ints(1, n) : nullptr, call.ints(2, p.rows * p.size), p);
  } else {
    countRows(call, x, call.has(1) ? call.floats(1, n) : nullptr, call.floats(2, p.rows * p.size), p);
  }
}

STRATA_END
