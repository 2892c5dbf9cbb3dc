// softmax(x, y, rows, columns): y[r, c] = e^x[r, c] / Σ e^x[r, :], shifted by the row's largest.
#include "kernel.h"
#include "simd/softmax.h"

STRATA_BEGIN

STRATA_KERNEL(softmax) {
  const size_t rows = call.size(2);
  const size_t columns = call.size(3);
  const float* x = call.floats(0, rows * columns);
  float* y = call.floats(1, rows * columns);
  if (call.failed()) {
    return;
  }
  call.parallelFor(rows, rowGrain(columns), [=](size_t begin, size_t end, int) {
    for (size_t r = begin; r < end; ++r) {
      const float* from = x + r * columns;
      float* to = y + r * columns;
      const float factor = 1.0f / sumExp(from, to, columns, largest(from, columns));
      mapRow(to, to, columns, [=](Vector e) { return e * factor; });
    }
  });
}

STRATA_END
