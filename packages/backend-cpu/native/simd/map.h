// Element by element over one array.
#pragma once

#include "simd/math.h"
#include "simd/stream.h"

namespace strata {
namespace STRATA_ISA {

/** Elements in one piece of an element-wise loop: 128 KiB of float32, some ten microseconds of work. */
constexpr size_t kMapGrain = 32768;

/** y[i] = f(x[i]) for i < n; `stream` as streams() gives it. */
template <typename Element, typename Function>
STRATA_INLINE void mapRow(const Element* x, Element* y, size_t n, Function f, bool stream = false) {
  size_t i = 0;
  for (; i + kLanes <= n; i += kLanes) {
    store(y + i, f(load(x + i)), stream);
  }
  if (i < n) {
    storePart(y + i, f(loadPart(x + i, n - i)), n - i);
  }
}

/** y[i] = f(a[i], b[i]) for i < n. */
template <typename Function>
STRATA_INLINE void mapRows(const float* a, const float* b, float* y, size_t n, Function f, bool stream = false) {
  size_t i = 0;
  for (; i + kLanes <= n; i += kLanes) {
    store(y + i, f(load(a + i), load(b + i)), stream);
  }
  if (i < n) {
    storePart(y + i, f(loadPart(a + i, n - i), loadPart(b + i, n - i)), n - i);
  }
}

/** y[i] = f(x[i]) for i < n on the pool's threads, unless the call has failed. */
template <typename Element, typename Function>
STRATA_INLINE void mapArray(Call& call, const Element* x, Element* y, size_t n, Function f) {
  if (call.failed()) {
    return;
  }
  const bool stream = x != y && streams(y, n * sizeof(Element));
  call.parallelFor(n, kMapGrain, [=](size_t begin, size_t end, int) {
    mapRow(x + begin, y + begin, end - begin, f, stream);
    endStream(stream);
  });
}

/** A kernel (x, y, n, …): y[i] = f(x[i]). y may be x. */
template <typename Function>
STRATA_INLINE void map(Call& call, Function f) {
  const size_t n = call.size(2);
  const float* x = call.floats(0, n);
  mapArray(call, x, call.floats(1, n), n, f);
}

/** A kernel (x, dy, y, n): y[i] = f(x[i], dy[i]), for gradients that know the function's argument or result. */
template <typename Function>
STRATA_INLINE void mapPair(Call& call, Function f) {
  const size_t n = call.size(3);
  const float* x = call.floats(0, n);
  const float* dy = call.floats(1, n);
  float* y = call.floats(2, n);
  if (call.failed()) {
    return;
  }
  const bool stream = streams(y, n * sizeof(float));
  call.parallelFor(n, kMapGrain, [=](size_t begin, size_t end, int) {
    mapRows(x + begin, dy + begin, y + begin, end - begin, f, stream);
    endStream(stream);
  });
}

/** One lane after the other, for functions that have no vector form here. */
template <typename Function>
STRATA_INLINE Vector eachLane(Vector x, Function f) {
  Vector y;
  for (size_t i = 0; i < kLanes; ++i) {
    y[i] = f(x[i]);
  }
  return y;
}

}  // namespace STRATA_ISA
}  // namespace strata
