// One loop body for whole vectors and for the part of one at the end: pass Whole{} or Part{count}.
#pragma once

#include "simd/vector.h"

namespace strata {
namespace STRATA_ISA {

struct Whole {
  STRATA_INLINE Vector get(const float* from) const { return load(from); }
  STRATA_INLINE void put(float* to, Vector value) const { store(to, value); }
};

struct Part {
  size_t count;
  STRATA_INLINE Vector get(const float* from) const { return loadPart(from, count); }
  STRATA_INLINE void put(float* to, Vector value) const { storePart(to, value, count); }
};

}  // namespace STRATA_ISA
}  // namespace strata
