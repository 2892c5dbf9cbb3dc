// cast(x, y, n): between float32, int32 and bytes of truth values, by the kinds of the two arrays, as tfjs does it:
// float32 → int32 cuts off the fraction and wraps modulo 2^32 (NaN and infinities give 0), anything → bool is x ≠ 0.
#include "kernel.h"
#include "simd/map.h"
#include "simd/mask.h"

STRATA_BEGIN

namespace {

template <typename From, typename To, typename Function>
STRATA_INLINE void castLoop(Call& call, const From* x, To* y, size_t n, Function block) {
  if (call.failed()) {
    return;
  }
  call.parallelFor(n, kMapGrain, [=](size_t begin, size_t end, int) {
    for (size_t i = begin; i < end; i += kLanes) {
      const size_t count = end - i < kLanes ? end - i : kLanes;
      block(x + i, y + i, count);
    }
  });
}

/** JavaScript's ToInt32. */
STRATA_INLINE int32_t wrap(float x) {
  if (!(__builtin_fabsf(x) < 9.2e18f)) {
    // From 2^63 on every float is a multiple of 2^32.
    return 0;
  }
  return static_cast<int32_t>(static_cast<uint32_t>(static_cast<int64_t>(x)));
}

STRATA_INLINE void floatsToInts(const float* x, int32_t* y, size_t count) {
  const Vector value = count == kLanes ? load(x) : loadPart(x, count);
  // NaN is not below it either.
  if (count == kLanes && !any(~(abs(value) < 2147483648.0f))) {
    store(y, truncate(value));
    return;
  }
  for (size_t i = 0; i < count; ++i) {
    y[i] = wrap(x[i]);
  }
}

STRATA_INLINE Vector floatsAt(const float* x, size_t count) { return count == kLanes ? load(x) : loadPart(x, count); }
STRATA_INLINE IntVector intsAt(const int32_t* x, size_t count) { return count == kLanes ? load(x) : loadPart(x, count); }
STRATA_INLINE IntVector bytesAt(const uint8_t* x, size_t count) {
  return count == kLanes ? loadBytes(x) : loadBytesPart(x, count);
}
STRATA_INLINE void put(float* y, Vector value, size_t count) {
  if (count == kLanes) {
    store(y, value);
  } else {
    storePart(y, value, count);
  }
}
STRATA_INLINE void put(int32_t* y, IntVector value, size_t count) {
  if (count == kLanes) {
    store(y, value);
  } else {
    storePart(y, value, count);
  }
}

}  // namespace

STRATA_KERNEL(cast) {
  const size_t n = call.size(2);
  const ArgumentKind from = call.kind(0);
  const ArgumentKind to = call.kind(1);
  if (from == ArgumentKind::float32 && to == ArgumentKind::int32) {
    castLoop(call, call.floats(0, n), call.ints(1, n), n, floatsToInts);
  } else if (from == ArgumentKind::float32 && to == ArgumentKind::uint8) {
    castLoop(call, call.floats(0, n), call.bytes(1, n), n, [](const float* x, uint8_t* y, size_t count) {
      storeBytes(y, (floatsAt(x, count) != 0.0f) & 1, count);
    });
  } else if (from == ArgumentKind::int32 && to == ArgumentKind::float32) {
    castLoop(call, call.ints(0, n), call.floats(1, n), n, [](const int32_t* x, float* y, size_t count) {
      put(y, convert(intsAt(x, count)), count);
    });
  } else if (from == ArgumentKind::int32 && to == ArgumentKind::uint8) {
    castLoop(call, call.ints(0, n), call.bytes(1, n), n, [](const int32_t* x, uint8_t* y, size_t count) {
      storeBytes(y, (intsAt(x, count) != 0) & 1, count);
    });
  } else if (from == ArgumentKind::uint8 && to == ArgumentKind::float32) {
    castLoop(call, call.bytes(0, n), call.floats(1, n), n, [](const uint8_t* x, float* y, size_t count) {
      put(y, convert(bytesAt(x, count)), count);
    });
  } else if (from == ArgumentKind::uint8 && to == ArgumentKind::int32) {
    castLoop(call, call.bytes(0, n), call.ints(1, n), n, [](const uint8_t* x, int32_t* y, size_t count) {
      put(y, bytesAt(x, count), count);
    });
  } else {
    call.fail("STRATA_BAD_ARGUMENT", "cast goes between different ones of float32, int32 and bytes");
  }
}

STRATA_END
