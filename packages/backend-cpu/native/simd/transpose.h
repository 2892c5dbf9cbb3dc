// Transposition of a square of kLanes × kLanes floats in registers.
#pragma once

#include "simd/vector.h"

namespace strata {
namespace STRATA_ISA {

/** Exchanges the off-diagonal blocks of width `kBlock` of rows a and b: lanes with bit kBlock set in a, clear in b. */
template <int kBlock, int... kLane>
STRATA_INLINE void exchange(Vector& a, Vector& b) {
  constexpr int kCount = static_cast<int>(kLanes);
  const Vector low = __builtin_shufflevector(a, b, ((kLane & kBlock) == 0 ? kLane : kLane - kBlock + kCount)...);
  const Vector high = __builtin_shufflevector(a, b, ((kLane & kBlock) == 0 ? kLane + kBlock : kLane + kCount)...);
  a = low;
  b = high;
}

template <int kBlock>
STRATA_INLINE void exchangeAll(Vector (&rows)[kLanes]) {
#pragma GCC unroll 16
  for (size_t i = 0; i < kLanes; ++i) {
    if ((i & kBlock) == 0) {
#if defined(__AVX512F__)
      exchange<kBlock, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15>(rows[i], rows[i + kBlock]);
#elif defined(__AVX2__)
      exchange<kBlock, 0, 1, 2, 3, 4, 5, 6, 7>(rows[i], rows[i + kBlock]);
#else
      exchange<kBlock, 0, 1, 2, 3>(rows[i], rows[i + kBlock]);
#endif
    }
  }
}

/** rows[i][j] ↔ rows[j][i], in log2(kLanes) rounds of exchanged blocks. */
STRATA_INLINE void transpose(Vector (&rows)[kLanes]) {
#if defined(__AVX512F__)
  exchangeAll<8>(rows);
#endif
#if defined(__AVX2__)
  exchangeAll<4>(rows);
#endif
  exchangeAll<2>(rows);
  exchangeAll<1>(rows);
}

}  // namespace STRATA_ISA
}  // namespace strata
