// Truth values: in memory one byte each, 0 or 1; in registers lanes of 0 and −1.
#pragma once

#include "simd/math.h"

namespace strata {
namespace STRATA_ISA {

typedef uint8_t ByteVector __attribute__((vector_size(kLanes)));

STRATA_INLINE IntVector loadBytes(const uint8_t* from) {
  ByteVector bytes;
  __builtin_memcpy(&bytes, from, kLanes);
  return __builtin_convertvector(bytes, IntVector);
}
/** The first `count` elements, zero in the other lanes. */
STRATA_INLINE IntVector loadBytesPart(const uint8_t* from, size_t count) {
  ByteVector bytes = {};
  __builtin_memcpy(&bytes, from, count);
  return __builtin_convertvector(bytes, IntVector);
}
STRATA_INLINE void storeBytes(uint8_t* to, IntVector value, size_t count) {
  const ByteVector bytes = __builtin_convertvector(value, ByteVector);
  if (count == kLanes) {
    __builtin_memcpy(to, &bytes, kLanes);
  } else {
    __builtin_memcpy(to, &bytes, count);
  }
}

}  // namespace STRATA_ISA
}  // namespace strata
