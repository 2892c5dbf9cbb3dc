// Arithmetic of sizes.
#pragma once

#include "runtime/call.h"

namespace strata {

constexpr STRATA_INLINE size_t least(size_t a, size_t b) { return a < b ? a : b; }
constexpr STRATA_INLINE size_t ceilDivide(size_t a, size_t b) { return (a + b - 1) / b; }
/** The next multiple of `to`; by default of the floats in a cache line. */
constexpr STRATA_INLINE size_t roundUp(size_t value, size_t to = 16) { return (value + to - 1) / to * to; }

}  // namespace strata
