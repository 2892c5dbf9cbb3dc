// avgPool(x, y, sizes, spans), avgPoolGrad(dy, dx, sizes, spans, windowSize): sizes and spans as in simd/pool.h.
#include "kernel.h"
#include "simd/pool.h"

STRATA_BEGIN

/** The mean of each window's elements inside the image: padding does not count. A window of none gives 0. */
STRATA_KERNEL(avgPool) {
  const Pool p = readPool(call, 2);
  const float* x = call.floats(0, p.inputs());
  float* y = call.floats(1, p.outputs());
  if (call.failed()) {
    return;
  }
  eachWindow(call, p, [&](const Place& at, size_t c, size_t count) {
    Vector total = {};
    eachTap(p, at, [&](size_t element) { total += loadUpTo(x + element + c, count); });
    const int32_t elements = at.size();
    storeUpTo(y + at.out + c, total / static_cast<float>(elements > 0 ? elements : 1), count);
  });
}

/** Each dy spread over its window in shares of 1/windowSize, or of 1/(elements inside the image) where that is 0. */
STRATA_KERNEL(avgPoolGrad) {
  const Pool p = readPool(call, 2);
  const float* dy = call.floats(0, p.outputs());
  float* dx = call.floats(1, p.inputs());
  const float windowSize = static_cast<float>(call.number(4));
  if (call.failed()) {
    return;
  }
  eachWindowOfGradient(call, p, dx, [&](const Place& at, size_t c, size_t count) {
    const float share = 1.0f / (windowSize > 0.0f ? windowSize : static_cast<float>(at.size()));
    const Vector gradient = loadUpTo(dy + at.out + c, count) * share;
    eachTap(p, at, [&](size_t element) {
      float* to = dx + element + c;
      storeUpTo(to, loadUpTo(to, count) + gradient, count);
    });
  });
}

STRATA_END
