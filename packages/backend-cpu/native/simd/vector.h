// Vectors of float32 as wide as the instruction set's registers, through the vector extensions of GCC and Clang:
// + - * / and comparisons work on them element by element; a comparison gives an IntVector of 0 and -1.
#pragma once

#include <stddef.h>
#include <stdint.h>
#if defined(__AVX2__)
#include <immintrin.h>
#endif

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

/** All lanes equal to `value`. (Adding to zero instead would turn −0 into 0, and cost an addition.) */
STRATA_INLINE Vector broadcast(float value) { return value - Vector{}; }
STRATA_INLINE IntVector broadcast(int32_t value) { return value - IntVector{}; }

/** 0, 1, 2 … */
constexpr IntVector kLaneNumbers =
#if defined(__AVX512F__)
    {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
#elif defined(__AVX2__)
    {0, 1, 2, 3, 4, 5, 6, 7};
#else
    {0, 1, 2, 3};
#endif

/** The first `count` (≤ kLanes) elements, zero in the other lanes; reads nothing beyond them. */
STRATA_INLINE Vector loadPart(const float* from, size_t count) {
#if defined(__AVX512F__)
  return reinterpret_cast<Vector>(_mm512_maskz_loadu_ps(static_cast<__mmask16>((1u << count) - 1), from));
#elif defined(__AVX2__)
  const IntVector mask = kLaneNumbers < static_cast<int32_t>(count);
  return reinterpret_cast<Vector>(_mm256_maskload_ps(from, reinterpret_cast<__m256i>(mask)));
#else
  Vector value = {};
  for (size_t i = 0; i < count; ++i) {
    value[i] = from[i];
  }
  return value;
#endif
}

/** Stores the first `count` (≤ kLanes) lanes; touches nothing beyond them. */
STRATA_INLINE void storePart(float* to, Vector value, size_t count) {
#if defined(__AVX512F__)
  _mm512_mask_storeu_ps(to, static_cast<__mmask16>((1u << count) - 1), reinterpret_cast<__m512>(value));
#elif defined(__AVX2__)
  const IntVector mask = kLaneNumbers < static_cast<int32_t>(count);
  _mm256_maskstore_ps(to, reinterpret_cast<__m256i>(mask), reinterpret_cast<__m256>(value));
#else
  for (size_t i = 0; i < count; ++i) {
    to[i] = value[i];
  }
#endif
}

STRATA_INLINE Vector bitsToFloat(IntVector bits) { return reinterpret_cast<Vector>(bits); }
STRATA_INLINE IntVector floatToBits(Vector value) { return reinterpret_cast<IntVector>(value); }

/** mask ? a : b, lane by lane; `mask` comes from a comparison. */
STRATA_INLINE Vector select(IntVector mask, Vector a, Vector b) { return mask ? a : b; }

// As in x86, the second operand is the result when one of them is not a number.
STRATA_INLINE Vector max(Vector a, Vector b) { return a > b ? a : b; }
STRATA_INLINE Vector min(Vector a, Vector b) { return a < b ? a : b; }

}  // namespace STRATA_ISA
}  // namespace strata
