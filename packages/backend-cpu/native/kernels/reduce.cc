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

// What a reduction reads: the array at 0, of its own elements.
STRATA_INLINE const float* elements(Call& call, size_t n, float) { return call.floats(0, n); }
STRATA_INLINE const int32_t* elements(Call& call, size_t n, int32_t) { return call.ints(0, n); }
STRATA_INLINE const uint8_t* elements(Call& call, size_t n, uint8_t) { return call.bytes(0, n); }

/** y[i] = the total of R, through `finish`; `y` is the array at 1. */
template <typename R, typename Out, typename Finish>
STRATA_INLINE void reduceInto(Call& call, const Sizes& s, Out* y, Finish finish) {
  const typename R::Element* x = elements(call, s.outer * s.count * s.inner, typename R::Element{});
  if (!call.failed()) {
    reduce<R>(call, x, s.outer, s.count, s.inner, [=](size_t i, typename R::Total total) { y[i] = finish(total); });
  }
}

template <typename R>
STRATA_INLINE void reduceToFloats(Call& call, double divisor) {
  const Sizes s = readSizes(call);
  reduceInto<R>(call, s, call.floats(1, s.outer * s.inner),
                [=](typename R::Total total) { return static_cast<float>(total / divisor); });
}

template <typename R>
STRATA_INLINE void extremeOfFloats(Call& call) {
  const Sizes s = readSizes(call);
  reduceInto<R>(call, s, call.floats(1, s.outer * s.inner), [](float total) { return total; });
}

template <typename R>
STRATA_INLINE void reduceToInts(Call& call) {
  const Sizes s = readSizes(call);
  reduceInto<R>(call, s, call.ints(1, s.outer * s.inner),
                [](typename R::Total total) { return static_cast<int32_t>(total); });
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
  reduceInto<R>(call, s, call.bytes(1, s.outer * s.inner), [](int32_t total) { return static_cast<uint8_t>(total); });
}

}  // namespace

/** Bytes of 0 and 1. */
STRATA_KERNEL(all) { reduceTruth<AllOfBytes>(call); }

STRATA_KERNEL(any) { reduceTruth<AnyOfBytes>(call); }

/** float32, or int32 and bytes into int32 (modulo 2^32). */
STRATA_KERNEL(sum) {
  if (call.kind(0) == ArgumentKind::int32) {
    reduceToInts<SumOfInts>(call);
  } else if (call.kind(0) == ArgumentKind::uint8) {
    reduceToInts<SumOfBytes>(call);
  } else {
    reduceToFloats<SumOfFloats>(call, 1);
  }
}

/** float32, int32 and bytes into float32. */
STRATA_KERNEL(mean) {
  const double count = call.number(3);
  if (call.kind(0) == ArgumentKind::int32) {
    reduceToFloats<SumOfInts>(call, count);
  } else if (call.kind(0) == ArgumentKind::uint8) {
    reduceToFloats<SumOfBytes>(call, count);
  } else {
    reduceToFloats<SumOfFloats>(call, count);
  }
}

/** float32, or int32 and bytes of 0 and 1 into int32 (modulo 2^32). */
STRATA_KERNEL(product) {
  if (call.kind(0) == ArgumentKind::int32) {
    reduceToInts<ProductOfInts>(call);
  } else if (call.kind(0) == ArgumentKind::uint8) {
    reduceToInts<AllOfBytes>(call);
  } else {
    reduceToFloats<ProductOfFloats>(call, 1);
  }
}

/** float32 or int32. A NaN among the elements is the result. */
STRATA_KERNEL(max) {
  if (call.kind(0) == ArgumentKind::int32) {
    reduceToInts<MaxOfInts>(call);
  } else {
    extremeOfFloats<MaxOfFloats>(call);
  }
}

STRATA_KERNEL(min) {
  if (call.kind(0) == ArgumentKind::int32) {
    reduceToInts<MinOfInts>(call);
  } else {
    extremeOfFloats<MinOfFloats>(call);
  }
}

STRATA_END
