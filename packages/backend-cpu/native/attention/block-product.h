// The products of attention's blocks, in the scratch space of one thread.
#pragma once

#include "matmul/gemm.h"
#include "simd/map.h"

namespace strata {
namespace STRATA_ISA {

struct BlockProduct {
  /** For the product itself. */
  float* scratch;
  /** For what is added to what was there before. */
  float* part;

  /** c [m, n], whose rows lie cRow apart, = a·bᵀ, where rows of a [m, k] and b [n, k] lie one after the other. */
  STRATA_INLINE void ofRows(size_t m, size_t n, size_t k, const float* a, const float* b, float* c, size_t cRow) const {
    multiplyBlock({m, n, k, a, k, 1, b, 1, k, c, cRow, nullptr, Activation::linear}, 0, m, 0, n, scratch);
  }

  /**
   * c [m, n] = a·b, or += where something was there before. a(i, p) is a[i·aRow + p·aDepth]; rows of b [k, n] and c lie one
   * after the other.
   */
  STRATA_INLINE void add(size_t m, size_t n, size_t k, const float* a, size_t aRow, size_t aDepth, const float* b,
                         float* c, bool first) const {
    const Product product = {m, n, k, a, aRow, aDepth, b, n, 1, first ? c : part, n, nullptr, Activation::linear};
    multiplyBlock(product, 0, m, 0, n, scratch);
    if (!first) {
      mapRows(c, part, c, m * n, [](Vector before, Vector more) { return before + more; });
    }
  }
};

}  // namespace STRATA_ISA
}  // namespace strata
