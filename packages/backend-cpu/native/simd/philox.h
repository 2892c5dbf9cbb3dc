// Philox 4x32 with 10 rounds (Salmon et al., SC 2011), as packages/core/src/random/philox.ts: one block of four words per
// lane, for kLanes consecutive counters at once.
#pragma once

#if defined(__x86_64__)
#include <immintrin.h>
#endif

#include "simd/vector.h"

namespace strata {
namespace STRATA_ISA {

typedef uint32_t WordVector __attribute__((vector_size(kLanes * 4)));

/** A place in a random stream: unsigned 32-bit words, counter[0] the lowest. */
struct Draw {
  uint32_t key[2];
  uint32_t counter[4];
};

/** Reads a draw from six numbers, from argument `index` on: key, then counter. */
STRATA_INLINE Draw readDraw(Call& call, int index) {
  Draw draw = {};
  for (int i = 0; i < 6; ++i) {
    const double word = call.number(index + i);
    if (!(word >= 0 && word < 4294967296.0)) {
      call.fail("STRATA_BAD_ARGUMENT", "argument %d must be an unsigned 32-bit word; received %g", index + i, word);
      return draw;
    }
    (i < 2 ? draw.key[i] : draw.counter[i - 2]) = static_cast<uint32_t>(word);
  }
  return draw;
}

/** The high halves of the 64-bit products. */
STRATA_INLINE WordVector highProduct(WordVector a, uint32_t b) {
#if defined(__AVX2__)
  typedef uint64_t LongWords __attribute__((vector_size(kLanes * 4)));
  // The processor multiplies every second word, to 64 bits.
  const LongWords even = reinterpret_cast<LongWords>(a);
  const LongWords odd = even >> 32;
  const LongWords factor = LongWords{} + b;
#if defined(__AVX512F__)
  // The plain intrinsic makes GCC 12 warn of its own undefined operand.
  const auto low = reinterpret_cast<LongWords>(
      _mm512_maskz_mul_epu32(0xff, reinterpret_cast<__m512i>(even), reinterpret_cast<__m512i>(factor)));
  const auto high = reinterpret_cast<LongWords>(
      _mm512_maskz_mul_epu32(0xff, reinterpret_cast<__m512i>(odd), reinterpret_cast<__m512i>(factor)));
#else
  const auto low = reinterpret_cast<LongWords>(
      _mm256_mul_epu32(reinterpret_cast<__m256i>(even), reinterpret_cast<__m256i>(factor)));
  const auto high = reinterpret_cast<LongWords>(
      _mm256_mul_epu32(reinterpret_cast<__m256i>(odd), reinterpret_cast<__m256i>(factor)));
#endif
  return reinterpret_cast<WordVector>((low >> 32) | (high & 0xffffffff00000000u));
#else
  WordVector high;
  for (size_t i = 0; i < kLanes; ++i) {
    high[i] = static_cast<uint32_t>(static_cast<uint64_t>(a[i]) * b >> 32);
  }
  return high;
#endif
}

/** word[j][lane] is word j of the block `block + lane` further on than the draw. */
struct PhiloxWords {
  WordVector word[4];
};

STRATA_INLINE PhiloxWords philox(const Draw& draw, uint64_t block) {
  const uint64_t low = (static_cast<uint64_t>(draw.counter[1]) << 32 | draw.counter[0]) + block;
  WordVector x0;
  WordVector x1;
  for (size_t i = 0; i < kLanes; ++i) {
    x0[i] = static_cast<uint32_t>(low + i);
    x1[i] = static_cast<uint32_t>((low + i) >> 32);
  }
  WordVector x2 = WordVector{} + draw.counter[2];
  WordVector x3 = WordVector{} + draw.counter[3];
  uint32_t k0 = draw.key[0];
  uint32_t k1 = draw.key[1];
  for (int round = 0; round < 10; ++round) {
    constexpr uint32_t m0 = 0xd2511f53;
    constexpr uint32_t m1 = 0xcd9e8d57;
    const WordVector high0 = highProduct(x0, m0);
    const WordVector high1 = highProduct(x2, m1);
    const WordVector low0 = x0 * m0;
    const WordVector low1 = x2 * m1;
    x0 = high1 ^ x1 ^ k0;
    x1 = low1;
    x2 = high0 ^ x3 ^ k1;
    x3 = low0;
    k0 += 0x9e3779b9;
    k1 += 0xbb67ae85;
  }
  return {{x0, x1, x2, x3}};
}

/** a[0] b[0] a[1] b[1] …, of the lower or the upper halves. */
template <typename V>
STRATA_INLINE V zipLow(V a, V b) {
#if defined(__AVX512F__)
  return __builtin_shufflevector(a, b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
#elif defined(__AVX2__)
  return __builtin_shufflevector(a, b, 0, 8, 1, 9, 2, 10, 3, 11);
#else
  return __builtin_shufflevector(a, b, 0, 4, 1, 5);
#endif
}
template <typename V>
STRATA_INLINE V zipHigh(V a, V b) {
#if defined(__AVX512F__)
  return __builtin_shufflevector(a, b, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
#elif defined(__AVX2__)
  return __builtin_shufflevector(a, b, 4, 12, 5, 13, 6, 14, 7, 15);
#else
  return __builtin_shufflevector(a, b, 2, 6, 3, 7);
#endif
}

/** From one vector per word to the order of memory: the four words of the first block, of the second, … */
template <typename V>
STRATA_INLINE void interleave(V (&v)[4]) {
  const V even0 = zipLow(v[0], v[2]);
  const V even1 = zipHigh(v[0], v[2]);
  const V odd0 = zipLow(v[1], v[3]);
  const V odd1 = zipHigh(v[1], v[3]);
  v[0] = zipLow(even0, odd0);
  v[1] = zipHigh(even0, odd0);
  v[2] = zipLow(even1, odd1);
  v[3] = zipHigh(even1, odd1);
}

}  // namespace STRATA_ISA
}  // namespace strata
