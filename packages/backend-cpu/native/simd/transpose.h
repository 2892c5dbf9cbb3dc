// Transposition of a square of kLanes × kLanes floats in registers.
#pragma once

#include "simd/vector.h"

namespace strata {
namespace STRATA_ISA {

// Pairs of blocks of `a` and of `b`, in every 128 bits: single floats, then pairs of them.
#if defined(__AVX512F__)
STRATA_INLINE Vector lowFloats(Vector a, Vector b) {
  return __builtin_shufflevector(a, b, 0, 16, 1, 17, 4, 20, 5, 21, 8, 24, 9, 25, 12, 28, 13, 29);
}
STRATA_INLINE Vector highFloats(Vector a, Vector b) {
  return __builtin_shufflevector(a, b, 2, 18, 3, 19, 6, 22, 7, 23, 10, 26, 11, 27, 14, 30, 15, 31);
}
STRATA_INLINE Vector lowPairs(Vector a, Vector b) {
  return __builtin_shufflevector(a, b, 0, 1, 16, 17, 4, 5, 20, 21, 8, 9, 24, 25, 12, 13, 28, 29);
}
STRATA_INLINE Vector highPairs(Vector a, Vector b) {
  return __builtin_shufflevector(a, b, 2, 3, 18, 19, 6, 7, 22, 23, 10, 11, 26, 27, 14, 15, 30, 31);
}
/** The even and the odd quarters of two vectors. (GCC 12 makes many instructions of the
 * general shuffle, and warns of the intrinsic without a mask.) */
STRATA_INLINE Vector evenQuarters(Vector a, Vector b) {
  return reinterpret_cast<Vector>(
      _mm512_maskz_shuffle_f32x4(0xffff, reinterpret_cast<__m512>(a), reinterpret_cast<__m512>(b), 0x88));
}
STRATA_INLINE Vector oddQuarters(Vector a, Vector b) {
  return reinterpret_cast<Vector>(
      _mm512_maskz_shuffle_f32x4(0xffff, reinterpret_cast<__m512>(a), reinterpret_cast<__m512>(b), 0xdd));
}
#elif defined(__AVX2__)
STRATA_INLINE Vector lowFloats(Vector a, Vector b) {
  return __builtin_shufflevector(a, b, 0, 8, 1, 9, 4, 12, 5, 13);
}
STRATA_INLINE Vector highFloats(Vector a, Vector b) {
  return __builtin_shufflevector(a, b, 2, 10, 3, 11, 6, 14, 7, 15);
}
STRATA_INLINE Vector lowPairs(Vector a, Vector b) {
  return __builtin_shufflevector(a, b, 0, 1, 8, 9, 4, 5, 12, 13);
}
STRATA_INLINE Vector highPairs(Vector a, Vector b) {
  return __builtin_shufflevector(a, b, 2, 3, 10, 11, 6, 7, 14, 15);
}
#else
STRATA_INLINE Vector lowFloats(Vector a, Vector b) { return __builtin_shufflevector(a, b, 0, 4, 1, 5); }
STRATA_INLINE Vector highFloats(Vector a, Vector b) { return __builtin_shufflevector(a, b, 2, 6, 3, 7); }
STRATA_INLINE Vector lowPairs(Vector a, Vector b) { return __builtin_shufflevector(a, b, 0, 1, 4, 5); }
STRATA_INLINE Vector highPairs(Vector a, Vector b) { return __builtin_shufflevector(a, b, 2, 3, 6, 7); }
#endif

/**
 * rows[i][j] ↔ rows[j][i]: squares of 4 × 4 within every 128 bits first, then whole squares change places. Every step is one
 * instruction.
 */
STRATA_INLINE void transpose(Vector (&rows)[kLanes]) {
#pragma GCC unroll 4
  for (size_t i = 0; i < kLanes; i += 4) {
    const Vector ab = lowFloats(rows[i], rows[i + 1]);
    const Vector abHigh = highFloats(rows[i], rows[i + 1]);
    const Vector cd = lowFloats(rows[i + 2], rows[i + 3]);
    const Vector cdHigh = highFloats(rows[i + 2], rows[i + 3]);
    rows[i] = lowPairs(ab, cd);
    rows[i + 1] = highPairs(ab, cd);
    rows[i + 2] = lowPairs(abHigh, cdHigh);
    rows[i + 3] = highPairs(abHigh, cdHigh);
  }
#if defined(__AVX512F__)
#pragma GCC unroll 4
  for (size_t i = 0; i < 4; ++i) {
    const Vector even = evenQuarters(rows[i], rows[i + 4]);
    const Vector odd = oddQuarters(rows[i], rows[i + 4]);
    const Vector evenBelow = evenQuarters(rows[i + 8], rows[i + 12]);
    const Vector oddBelow = oddQuarters(rows[i + 8], rows[i + 12]);
    rows[i] = evenQuarters(even, evenBelow);
    rows[i + 4] = evenQuarters(odd, oddBelow);
    rows[i + 8] = oddQuarters(even, evenBelow);
    rows[i + 12] = oddQuarters(odd, oddBelow);
  }
#elif defined(__AVX2__)
#pragma GCC unroll 4
  for (size_t i = 0; i < 4; ++i) {
    const Vector low = __builtin_shufflevector(rows[i], rows[i + 4], 0, 1, 2, 3, 8, 9, 10, 11);
    rows[i + 4] = __builtin_shufflevector(rows[i], rows[i + 4], 4, 5, 6, 7, 12, 13, 14, 15);
    rows[i] = low;
  }
#endif
}

/** to[d·toStride + i] = from[i·fromStride + d] for a square of i, d < kLanes. */
STRATA_INLINE void turnSquare(const float* from, size_t fromStride, float* to, size_t toStride) {
  Vector square[kLanes];
#pragma GCC unroll 16
  for (size_t i = 0; i < kLanes; ++i) {
    square[i] = load(from + i * fromStride);
  }
  transpose(square);
#pragma GCC unroll 16
  for (size_t d = 0; d < kLanes; ++d) {
    store(to + d * toStride, square[d]);
  }
}

/** For i < count, d < depth, both up to kLanes; of every row of `to`, the first `lanes` are stored: zeros from `count` on. */
STRATA_INLINE void turnPart(const float* from, size_t fromStride, size_t count, size_t depth, float* to,
                            size_t toStride, size_t lanes) {
  Vector square[kLanes];
  for (size_t i = 0; i < kLanes; ++i) {
    square[i] = i < count ? loadPart(from + i * fromStride, depth) : Vector{};
  }
  transpose(square);
  for (size_t d = 0; d < depth; ++d) {
    storePart(to + d * toStride, square[d], lanes);
  }
}

}  // namespace STRATA_ISA
}  // namespace strata
