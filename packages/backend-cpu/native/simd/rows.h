// Rows of neighbouring elements that are picked or placed by index. Elements are float32 (or int32, whose bits are moved as
// floats) or bytes.
#pragma once

#include "simd/map.h"
#include "simd/stream.h"

namespace strata {
namespace STRATA_ISA {

STRATA_INLINE void copyRow(float* to, const float* from, size_t n) {
  size_t i = 0;
  for (; i + kLanes <= n; i += kLanes) {
    store(to + i, load(from + i));
  }
  if (i < n) {
    storePart(to + i, loadPart(from + i, n - i), n - i);
  }
}
STRATA_INLINE void copyRow(uint8_t* to, const uint8_t* from, size_t n) {
  // Empty arrays may lie at null, which memcpy must not see.
  if (n > 0) {
    __builtin_memcpy(to, from, n);
  }
}

STRATA_INLINE void addRow(float* to, const float* from, size_t n) {
  size_t i = 0;
  for (; i + kLanes <= n; i += kLanes) {
    store(to + i, load(to + i) + load(from + i));
  }
  for (; i < n; ++i) {
    to[i] += from[i];
  }
}
/** Wraps modulo 2^32. */
STRATA_INLINE void addRow(int32_t* to, const int32_t* from, size_t n) {
  for (size_t i = 0; i < n; ++i) {
    to[i] = static_cast<int32_t>(static_cast<uint32_t>(to[i]) + static_cast<uint32_t>(from[i]));
  }
}

/** An array of four-byte elements, whichever they are. */
STRATA_INLINE float* words(Call& call, int index, size_t atLeast) {
  return call.kind(index) == ArgumentKind::int32 ? reinterpret_cast<float*>(call.ints(index, atLeast))
                                                 : call.floats(index, atLeast);
}

/** How many rows of `slice` elements make a piece of work. */
STRATA_INLINE size_t rowGrain(size_t slice) {
  return slice >= kMapGrain ? 1 : kMapGrain / (slice == 0 ? 1 : slice);
}

/** Fails the call with STRATA_INDEX unless all indices lie in [0, size). */
STRATA_INLINE void checkIndices(Call& call, const int32_t* indices, size_t count, size_t size) {
  bool outside = false;
  for (size_t k = 0; k < count; ++k) {
    outside |= static_cast<uint32_t>(indices[k]) >= size;
  }
  if (!outside) {
    return;
  }
  for (size_t k = 0; k < count; ++k) {
    if (static_cast<uint32_t>(indices[k]) >= size) {
      call.fail("STRATA_INDEX", "the index value %d is not in [0, %ld]", indices[k], static_cast<long>(size) - 1);
      return;
    }
  }
}

/**
 * The row that each of `count` tuples of indices [count, depth] names in an array whose first axes are `sizes` [depth]: the
 * indices themselves where there is one axis, else made in scratch space. Fails the call with STRATA_INDEX for an index
 * outside its axis.
 */
STRATA_INLINE const int32_t* rowsNamed(Call& call, const int32_t* indices, const int32_t* sizes, size_t count,
                                       size_t depth) {
  if (depth == 1) {
    checkIndices(call, indices, count, sizes[0] > 0 ? static_cast<size_t>(sizes[0]) : 0);
    return indices;
  }
  int32_t* rows = static_cast<int32_t*>(call.scratch(count * sizeof(int32_t)));
  if (call.failed()) {
    return nullptr;
  }
  for (size_t k = 0; k < count; ++k) {
    int64_t row = 0;
    for (size_t d = 0; d < depth; ++d) {
      const int32_t index = indices[k * depth + d];
      if (index < 0 || index >= sizes[d]) {
        call.fail("STRATA_INDEX", "the index value %d is not in [0, %d], which axis %zu has", index, sizes[d] - 1, d);
        return nullptr;
      }
      row = row * sizes[d] + index;
    }
    rows[k] = static_cast<int32_t>(row);
  }
  return rows;
}

/** The product of the sizes [depth] of the axes that indices name. */
STRATA_INLINE size_t rowsIn(const int32_t* sizes, size_t depth) {
  size_t rows = 1;
  for (size_t d = 0; d < depth; ++d) {
    rows *= sizes[d] > 0 ? static_cast<size_t>(sizes[d]) : 0;
  }
  return rows;
}

}  // namespace STRATA_ISA
}  // namespace strata
