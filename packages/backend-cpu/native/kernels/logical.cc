// Truth values as bytes of 0 and 1, no broadcasting.
#include "kernel.h"
#include "simd/map.h"
#include "simd/mask.h"

STRATA_BEGIN

namespace {

template <typename Function>
STRATA_INLINE void combineBytes(Call& call, Function f) {
  const size_t n = call.size(3);
  const uint8_t* a = call.bytes(0, n);
  const uint8_t* b = call.bytes(1, n);
  uint8_t* y = call.bytes(2, n);
  if (call.failed()) {
    return;
  }
  call.parallelFor(n, 4 * kMapGrain, [=](size_t begin, size_t end, int) {
    for (size_t i = begin; i < end; ++i) {
      y[i] = f(a[i], b[i]);
    }
  });
}

/** (x, y, n) where y is 1 for the elements of which f holds. */
template <typename Function>
STRATA_INLINE void classify(Call& call, Function f) {
  const size_t n = call.size(2);
  const float* x = call.floats(0, n);
  uint8_t* y = call.bytes(1, n);
  if (call.failed()) {
    return;
  }
  call.parallelFor(n, kMapGrain, [=](size_t begin, size_t end, int) {
    size_t i = begin;
    for (; i + kLanes <= end; i += kLanes) {
      storeBytes(y + i, f(load(x + i)) & 1, kLanes);
    }
    if (i < end) {
      storeBytes(y + i, f(loadPart(x + i, end - i)) & 1, end - i);
    }
  });
}

/** (condition, a, b, y, n): y = condition ? a : b, whatever the four-byte elements are. */
STRATA_INLINE void choose(Call& call, const uint8_t* condition, const int32_t* a, const int32_t* b, int32_t* y,
                          size_t n) {
  call.parallelFor(n, kMapGrain, [=](size_t begin, size_t end, int) {
    size_t i = begin;
    for (; i + kLanes <= end; i += kLanes) {
      store(y + i, select(loadBytes(condition + i) != 0, load(a + i), load(b + i)));
    }
    if (i < end) {
      const size_t rest = end - i;
      const IntVector mask = loadBytesPart(condition + i, rest) != 0;
      storePart(y + i, select(mask, loadPart(a + i, rest), loadPart(b + i, rest)), rest);
    }
  });
}

}  // namespace

/** (a, b, y, n) */
STRATA_KERNEL(logicalAnd) {
  combineBytes(call, [](uint8_t a, uint8_t b) -> uint8_t { return (a != 0) & (b != 0); });
}
/** (a, b, y, n) */
STRATA_KERNEL(logicalOr) {
  combineBytes(call, [](uint8_t a, uint8_t b) -> uint8_t { return (a | b) != 0; });
}
/** (x, y, n) */
STRATA_KERNEL(logicalNot) {
  const size_t n = call.size(2);
  const uint8_t* x = call.bytes(0, n);
  uint8_t* y = call.bytes(1, n);
  if (call.failed()) {
    return;
  }
  call.parallelFor(n, 4 * kMapGrain, [=](size_t begin, size_t end, int) {
    for (size_t i = begin; i < end; ++i) {
      y[i] = x[i] == 0;
    }
  });
}

STRATA_KERNEL(isNaN) {
  classify(call, [](Vector x) -> IntVector { return x != x; });
}
STRATA_KERNEL(isInf) {
  classify(call, [](Vector x) -> IntVector { return abs(x) == kInfinity; });
}
STRATA_KERNEL(isFinite) {
  classify(call, [](Vector x) -> IntVector { return abs(x) < kInfinity; });
}

/** (condition, a, b, y, n): condition bytes, a, b and y all float32 or all int32. */
STRATA_KERNEL(select) {
  const size_t n = call.size(4);
  const uint8_t* condition = call.bytes(0, n);
  if (call.kind(1) == ArgumentKind::int32) {
    const int32_t* a = call.ints(1, n);
    const int32_t* b = call.ints(2, n);
    int32_t* y = call.ints(3, n);
    if (!call.failed()) {
      choose(call, condition, a, b, y, n);
    }
    return;
  }
  const float* a = call.floats(1, n);
  const float* b = call.floats(2, n);
  float* y = call.floats(3, n);
  if (!call.failed()) {
    choose(call, condition, reinterpret_cast<const int32_t*>(a), reinterpret_cast<const int32_t*>(b),
           reinterpret_cast<int32_t*>(y), n);
  }
}

STRATA_END
