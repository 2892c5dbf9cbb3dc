// maxPool(x, y, sizes, spans), maxPoolGrad(dy, x, dx, sizes, spans), maxPoolIndices(x, y, indices, sizes, spans, withBatch):
// sizes and spans as in simd/pool.h.
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
  eachWindow(call, p, [&](const Place& at, size_t c, size_t count) {
    Vector best = broadcast(kLowest);
    eachTap(p, at, [&](size_t element) { best = max(loadUpTo(x + element + c, count), best); });
    storeUpTo(y + at.out + c, best, count);
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
  eachWindowOfGradient(call, p, dx, [&](const Place& at, size_t c, size_t count) {
    Vector best = broadcast(kLowest);
    IntVector where = broadcast(int32_t{-1});
    int32_t tap = 0;
    eachTap(p, at, [&](size_t element) {
      const Vector pixel = loadUpTo(x + element + c, count);
      const IntVector larger = pixel > best;
      best = select(larger, pixel, best);
      where = larger ? broadcast(tap) : where;
      ++tap;
    });
    const Vector gradient = loadUpTo(dy + at.out + c, count);
    tap = 0;
    eachTap(p, at, [&](size_t element) {
      float* to = dx + element + c;
      const Vector share = select(where == broadcast(tap), gradient, Vector{});
      storeUpTo(to, loadUpTo(to, count) + share, count);
      ++tap;
    });
  });
}

/**
 * The largest of each window and where the first of them lies in x, counted from the beginning of x, or of its own image
 * where `withBatch` is 0. Where nothing is larger than −∞ that is the window's first element.
 */
STRATA_KERNEL(maxPoolIndices) {
  const Pool p = readPool(call, 3);
  const float* x = call.floats(0, p.inputs());
  float* y = call.floats(1, p.outputs());
  int32_t* indices = call.ints(2, p.outputs());
  const bool withBatch = call.size(5) != 0;
  if (call.failed()) {
    return;
  }
  eachWindow(call, p, [&](const Place& at, size_t c, size_t count) {
    const size_t origin = withBatch ? 0 : at.image;
    Vector best = broadcast(kLowest);
    IntVector where = {};
    bool first = true;
    eachTap(p, at, [&](size_t element) {
      const Vector pixel = loadUpTo(x + element + c, count);
      const IntVector here = broadcast(static_cast<int32_t>(element + c - origin)) + kLaneNumbers;
      const IntVector larger = pixel > best;
      best = select(larger, pixel, best);
      where = first ? here : (larger ? here : where);
      first = false;
    });
    storeUpTo(y + at.out + c, best, count);
    storeUpTo(reinterpret_cast<float*>(indices + at.out + c), bitsToFloat(where), count);
  });
}

STRATA_END
