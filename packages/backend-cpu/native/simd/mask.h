// Truth values: in memory one byte each, 0 or 1; in registers lanes of 0 and −1.
#pragma once

#include "simd/math.h"

namespace strata {
namespace STRATA_ISA {

// GCC takes __builtin_convertvector between bytes and words apart into single elements: hence the intrinsics.

/** Bytes as int32. */
STRATA_INLINE IntVector loadBytes(const uint8_t* from) {
#if defined(__AVX512F__)
  const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(from));
  return reinterpret_cast<IntVector>(_mm512_maskz_cvtepu8_epi32(0xffff, bytes));
#elif defined(__AVX2__)
  const __m128i bytes = _mm_loadl_epi64(reinterpret_cast<const __m128i*>(from));
  return reinterpret_cast<IntVector>(_mm256_cvtepu8_epi32(bytes));
#else
  IntVector value;
  for (size_t i = 0; i < kLanes; ++i) {
    value[i] = from[i];
  }
  return value;
#endif
}

/** The first `count` elements, zero in the other lanes. */
STRATA_INLINE IntVector loadBytesPart(const uint8_t* from, size_t count) {
  uint8_t bytes[kLanes] = {};
  for (size_t i = 0; i < count; ++i) {
    bytes[i] = from[i];
  }
  return loadBytes(bytes);
}

// For templates that read any element.
STRATA_INLINE IntVector load(const uint8_t* from) { return loadBytes(from); }
STRATA_INLINE IntVector loadPart(const uint8_t* from, size_t count) { return loadBytesPart(from, count); }

/** The low bytes of the first `count` lanes, which lie in [0, 255]. */
STRATA_INLINE void storeBytes(uint8_t* to, IntVector value, size_t count) {
#if defined(__AVX2__)
  if (count == kLanes) {
#if defined(__AVX512F__)
    const __m128i bytes = _mm512_maskz_cvtepi32_epi8(0xffff, reinterpret_cast<__m512i>(value));
    _mm_storeu_si128(reinterpret_cast<__m128i*>(to), bytes);
#else
    const __m256i words = reinterpret_cast<__m256i>(value);
    const __m128i shorts = _mm_packs_epi32(_mm256_castsi256_si128(words), _mm256_extracti128_si256(words, 1));
    _mm_storel_epi64(reinterpret_cast<__m128i*>(to), _mm_packus_epi16(shorts, shorts));
#endif
    return;
  }
#endif
  for (size_t i = 0; i < count; ++i) {
    to[i] = static_cast<uint8_t>(value[i]);
  }
}

/** Whether any lane of a mask is set. */
STRATA_INLINE bool any(IntVector mask) {
#if defined(__AVX512F__)
  return _mm512_test_epi32_mask(reinterpret_cast<__m512i>(mask), reinterpret_cast<__m512i>(mask)) != 0;
#elif defined(__AVX2__)
  return _mm256_testz_si256(reinterpret_cast<__m256i>(mask), reinterpret_cast<__m256i>(mask)) == 0;
#else
  int32_t all = 0;
  for (size_t i = 0; i < kLanes; ++i) {
    all |= mask[i];
  }
  return all != 0;
#endif
}

/** A mask as bits, that of the first lane the lowest. */
STRATA_INLINE uint32_t bitsOf(IntVector mask) {
#if defined(__AVX512F__)
  return _mm512_movepi32_mask(reinterpret_cast<__m512i>(mask));
#elif defined(__AVX2__)
  return static_cast<uint32_t>(_mm256_movemask_ps(reinterpret_cast<__m256>(mask)));
#else
  uint32_t bits = 0;
  for (size_t i = 0; i < kLanes; ++i) {
    bits |= (static_cast<uint32_t>(mask[i]) & 1u) << i;
  }
  return bits;
#endif
}

}  // namespace STRATA_ISA
}  // namespace strata
