// Elements as unsigned words in the same order, and with their places as keys that are all different: a sort or a selection
// has one result, whatever the way it is found. NaN is greater than every number, −0 equals 0.
#pragma once

#include "simd/mask.h"

namespace strata {
namespace STRATA_ISA {

STRATA_INLINE uint32_t ordered(int32_t value) { return static_cast<uint32_t>(value) ^ 0x80000000u; }
STRATA_INLINE uint32_t ordered(float value) {
  if (value != value) {
    return 0xffffffffu;
  }
  const float one = value + 0.0f;  // −0 + 0 is 0
  uint32_t bits;
  __builtin_memcpy(&bits, &one, sizeof bits);
  return (bits & 0x80000000u) != 0 ? ~bits : bits | 0x80000000u;
}

/** Of equal values the one that comes first has the greater key. */
STRATA_INLINE uint64_t keyOf(uint32_t order, size_t at) {
  return static_cast<uint64_t>(order) << 32 | (0xffffffffu - static_cast<uint32_t>(at));
}
STRATA_INLINE size_t placeOf(uint64_t key) { return 0xffffffffu - static_cast<uint32_t>(key); }

}  // namespace STRATA_ISA
}  // namespace strata
