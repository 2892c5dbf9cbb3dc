// Reductions along the middle axis of x [outer, count, inner] to y [outer, inner]: <name>(x, y, outer, count, inner).
#include "kernel.h"
#include "simd/mask.h"
#include "simd/reduce.h"

STRATA_BEGIN

namespace {

struct Sizes {
  size_t outer;
  size_t count;
  size_t inner;
};

STRATA_INLINE Sizes readSizes(Call& call) { return {call.size(2), call.size(3), call.size(4)}; }

template <typename R>
STRATA_INLINE void reduceFloats(Call& call, double divisor) {
  const Sizes s = readSizes(call);
  const float* x = call.floats(0, s.outer * s.count * s.inner);
  float* y = call.floats(1, s.outer * s.inner);
  if (!call.failed()) {
    reduce<R>(call, x, s.outer, s.count, s.inner,
              [=](size_t i, typename R::Total total) { y[i] = static_cast<float>(total / divisor); });
  }
}

template <typename R>
STRATA_INLINE void extremeOfFloats(Call& call) {
  const Sizes s = readSizes(call);
  const float* x = call.floats(0, s.outer * s.count * s.inner);
  float* y = call.floats(1, s.outer * s.inner);
  if (!call.failed()) {
    reduce<R>(call, x, s.outer, s.count, s.inner, [=](size_t i, float total) { y[i] = total; });
  }
}

template <typename R>
STRATA_INLINE void reduceInts(Call& call) {
  const Sizes s = readSizes(call);
  const int32_t* x = call.ints(0, s.outer * s.count * s.inner);
  int32_t* y = call.ints(1, s.outer * s.inner);
  if (!call.failed()) {
    reduce<R>(call, x, s.outer, s.count, s.inner,
              [=](size_t i, typename R::Total total) { y[i] = static_cast<int32_t>(total); });
  }
}

struct AllOfBytes {
  typedef uint8_t Element;
  typedef IntVector Wide;
  typedef int32_t Total;
  static constexpr size_t kWide = kLanes;
  static constexpr Total kIdentity = 1;
  static STRATA_INLINE Wide read(const uint8_t* from) { return loadBytes(from); }
  template <typename T>
  static STRATA_INLINE T combine(T a, T b) {
    return a & b;
  }
};

struct AnyOfBytes : AllOfBytes {
  static constexpr Total kIdentity = 0;
  template <typename T>
  static STRATA_INLINE T combine(T a, T b) {
    return a | b;
  }
};

template <typename R>
STRATA_INLINE void reduceTruth(Call& call) {
  const Sizes s = readSizes(call);
  const uint8_t* x = call.bytes(0, s.outer * s.count * s.inner);
  uint8_t* y = call.bytes(1, s.outer * s.inner);
  if (!call.failed()) {
    reduce<R>(call, x, s.outer, s.count, s.inner,
              [=](size_t i, int32_t total) { y[i] = static_cast<uint8_t>(total); });
  }
}

}  // namespace

/** Bytes of 0 and 1. */
STRATA_KERNEL(all) { reduceTruth<AllOfBytes>(call); }

STRATA_KERNEL(any) { reduceTruth<AnyOfBytes>(call); }

/** float32, or int32 and bytes into int32 (modulo 2^32). */
STRATA_KERNEL(sum) {
  if (call.kind(0) == ArgumentKind::int32) {
    reduceInts<SumOfInts>(call);
  } else if (call.kind(0) == ArgumentKind::uint8) {
    const Sizes s = readSizes(call);
    const uint8_t* x = call.bytes(0, s.outer * s.count * s.inner);
    int32_t* y = call.ints(1, s.outer * s.inner);
    if (!call.failed()) {
      reduce<SumOfBytes>(call, x, s.outer, s.count, s.inner,
                         [=](size_t i, int64_t total) { y[i] = static_cast<int32_t>(total); });
    }
  } else {
    reduceFloats<SumOfFloats>(call, 1);
  }
}

STRATA_KERNEL(mean) { reduceFloats<SumOfFloats>(call, call.number(3)); }

STRATA_KERNEL(product) { reduceFloats<ProductOfFloats>(call, 1); }

/** float32 or int32. A NaN among the elements is the result. */
STRATA_KERNEL(max) {
  if (call.kind(0) == ArgumentKind::int32) {
    reduceInts<MaxOfInts>(call);
  } else {
    extremeOfFloats<MaxOfFloats>(call);
  }
}

STRATA_KERNEL(min) {
  if (call.kind(0) == ArgumentKind::int32) {
    reduceInts<MinOfInts>(call);
  } else {
    extremeOfFloats<MinOfFloats>(call);
  }
}

STRATA_END
