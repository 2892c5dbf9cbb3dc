// maxPool(x, y, sizes), maxPoolGrad(dy, x, dx, sizes): sizes as in simd/pool.h.
#include "kernel.h"
#include "simd/pool.h"

STRATA_BEGIN

namespace {

const float kLowest = -__builtin_inff();

}  // namespace

/** The largest of each window; a NaN is passed over, as in tfjs. */
STRATA_KERNEL(maxPool) {
  const Pool p = readPool(call, 2);
  const float* x = call.floats(0, p.inputs());
  float* y = call.floats(1, p.outputs());
  if (call.failed()) {
    return;
  }
  eachWindow(call, p, true, [&](size_t image, Span rows, Span columns, size_t out) {
    eachVector(p.channels, [&](size_t c, size_t count) {
      Vector best = broadcast(kLowest);
      for (size_t h = rows.from; h < rows.to; ++h) {
        for (size_t w = columns.from; w < columns.to; ++w) {
          best = max(loadUpTo(x + image + (h * p.width + w) * p.channels + c, count), best);
        }
      }
      storeUpTo(y + out + c, best, count);
    });
  });
}

/** Each dy goes to the first of its window's largest; dx is made whole here. */
STRATA_KERNEL(maxPoolGrad) {
  const Pool p = readPool(call, 3);
  const float* dy = call.floats(0, p.outputs());
  const float* x = call.floats(1, p.inputs());
  float* dx = call.floats(2, p.inputs());
  if (call.failed()) {
    return;
  }
  clear(call, dx, p.inputs());
  const bool apart = p.strideHeight >= p.windowHeight;
  eachWindow(call, p, apart, [&](size_t image, Span rows, Span columns, size_t out) {
    eachVector(p.channels, [&](size_t c, size_t count) {
      Vector best = broadcast(kLowest);
      IntVector where = broadcast(int32_t{-1});
      int32_t tap = 0;
      for (size_t h = rows.from; h < rows.to; ++h) {
        for (size_t w = columns.from; w < columns.to; ++w, ++tap) {
          const Vector pixel = loadUpTo(x + image + (h * p.width + w) * p.channels + c, count);
          const IntVector larger = pixel > best;
          best = select(larger, pixel, best);
          where = larger ? broadcast(tap) : where;
        }
      }
      const Vector gradient = loadUpTo(dy + out + c, count);
      tap = 0;
      for (size_t h = rows.from; h < rows.to; ++h) {
        for (size_t w = columns.from; w < columns.to; ++w, ++tap) {
          float* to = dx + image + (h * p.width + w) * p.channels + c;
          const Vector share = select(where == broadcast(tap), gradient, Vector{});
          storeUpTo(to, loadUpTo(to, count) + share, count);
        }
      }
    });
  });
}

STRATA_END
