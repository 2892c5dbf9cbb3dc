// relu(x, y, n): y[i] = max(x[i], 0); not a number stays so. y may be x.
#include "kernel.h"

STRATA_BEGIN

STRATA_KERNEL(relu) {
  const size_t n = call.size(2);
  const float* x = call.floats(0, n);
  float* y = call.floats(1, n);
  if (call.failed()) {
    return;
  }
  call.parallelFor(n, 32768, [=](size_t begin, size_t end, int) {
    const Vector zero = {};
    size_t i = begin;
    for (; i + kLanes <= end; i += kLanes) {
      store(y + i, max(zero, load(x + i)));
    }
    if (i < end) {
      storePart(y + i, max(zero, loadPart(x + i, end - i)), end - i);
    }
  });
}

STRATA_END
