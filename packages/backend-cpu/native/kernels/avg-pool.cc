// avgPool(x, y, sizes), avgPoolGrad(dy, dx, sizes): sizes as in simd/pool.h.
#include "kernel.h"
#include "simd/pool.h"

STRATA_BEGIN

/** The mean of each window's elements inside the image: padding does not count. */
STRATA_KERNEL(avgPool) {
  const Pool p = readPool(call, 2);
  const float* x = call.floats(0, p.inputs());
  float* y = call.floats(1, p.outputs());
  if (call.failed()) {
    return;
  }
  eachWindow(call, p, true, [&](size_t image, Span rows, Span columns, size_t out) {
    const float elements = static_cast<float>((rows.to - rows.from) * (columns.to - columns.from));
    eachVector(p.channels, [&](size_t c, size_t count) {
      Vector total = {};
      for (size_t h = rows.from; h < rows.to; ++h) {
        for (size_t w = columns.from; w < columns.to; ++w) {
          total += loadUpTo(x + image + (h * p.width + w) * p.channels + c, count);
        }
      }
      storeUpTo(y + out + c, total / elements, count);
    });
  });
}

/** Each dy spread over its window in shares of 1/(window size), padding or not, as tfjs's kernel does. */
STRATA_KERNEL(avgPoolGrad) {
  const Pool p = readPool(call, 2);
  const float* dy = call.floats(0, p.outputs());
  float* dx = call.floats(1, p.inputs());
  if (call.failed()) {
    return;
  }
  clear(call, dx, p.inputs());
  const bool apart = p.strideHeight >= p.windowHeight;
  const float share = 1.0f / static_cast<float>(p.windowHeight * p.windowWidth);
  eachWindow(call, p, apart, [&](size_t image, Span rows, Span columns, size_t out) {
    eachVector(p.channels, [&](size_t c, size_t count) {
      const Vector gradient = loadUpTo(dy + out + c, count) * share;
      for (size_t h = rows.from; h < rows.to; ++h) {
        for (size_t w = columns.from; w < columns.to; ++w) {
          float* to = dx + image + (h * p.width + w) * p.channels + c;
          storeUpTo(to, loadUpTo(to, count) + gradient, count);
        }
      }
    });
  });
}

STRATA_END
