// Vectors of float32 as wide as the instruction set's registers, through the vector extensions of GCC and Clang:
// + - * / and comparisons work on them element by element; a comparison gives an IntVector of 0 and -1.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "runtime/call.h"

namespace strata {
namespace STRATA_ISA {

#if defined(__AVX512F__)
constexpr size_t kLanes = 16;
#elif defined(__AVX2__)
constexpr size_t kLanes = 8;
#else
constexpr size_t kLanes = 4;
#endif

typedef float Vector __attribute__((vector_size(kLanes * 4)));
typedef int32_t IntVector __attribute__((vector_size(kLanes * 4)));
typedef float UnalignedVector __attribute__((vector_size(kLanes * 4), aligned(4), may_alias));
typedef int32_t UnalignedIntVector __attribute__((vector_size(kLanes * 4), aligned(4), may_alias));

STRATA_INLINE Vector load(const float* from) { return *reinterpret_cast<const UnalignedVector*>(from); }
STRATA_INLINE void store(float* to, Vector value) { *reinterpret_cast<UnalignedVector*>(to) = value; }
STRATA_INLINE IntVector load(const int32_t* from) { return *reinterpret_cast<const UnalignedIntVector*>(from); }
STRATA_INLINE void store(int32_t* to, IntVector value) { *reinterpret_cast<UnalignedIntVector*>(to) = value; }

/** All lanes equal to `value`. */
STRATA_INLINE Vector broadcast(float value) { return Vector{} + value; }
STRATA_INLINE IntVector broadcast(int32_t value) { return IntVector{} + value; }

/** The first `count` (< kLanes) elements, zero in the other lanes; reads nothing beyond them. */
STRATA_INLINE Vector loadPart(const float* from, size_t count) {
  Vector value = {};
  __builtin_memcpy(&value, from, count * sizeof(float));
  return value;
}
STRATA_INLINE void storePart(float* to, Vector value, size_t count) {
  __builtin_memcpy(to, &value, count * sizeof(float));
}

STRATA_INLINE Vector bitsToFloat(IntVector bits) { return reinterpret_cast<Vector>(bits); }
STRATA_INLINE IntVector floatToBits(Vector value) { return reinterpret_cast<IntVector>(value); }

/** mask ? a : b, lane by lane; `mask` comes from a comparison. */
STRATA_INLINE Vector select(IntVector mask, Vector a, Vector b) {
  return bitsToFloat((mask & floatToBits(a)) | (~mask & floatToBits(b)));
}

// As in x86, the second operand is the result when one of them is not a number.
STRATA_INLINE Vector max(Vector a, Vector b) { return select(a > b, a, b); }
STRATA_INLINE Vector min(Vector a, Vector b) { return select(a < b, a, b); }

}  // namespace STRATA_ISA
}  // namespace strata
