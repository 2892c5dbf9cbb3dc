// Products whose depth is divided among threads, in place of the rows and columns of the result.
#pragma once

#include "matmul/gemm.h"
#include "matmul/streams.h"

namespace strata {
namespace STRATA_ISA {

/**
 * Into how many pieces the depth of a product is best divided, 1: not at all. A function of the sizes alone, since it decides how
 * the sums are rounded.
 */
size_t depthPieces(const Product& product);

/** As multiply() of one matrix; the sums over the pieces are added in order. */
void multiplyDeep(Call& call, const Product& product, size_t pieces);

}  // namespace STRATA_ISA
}  // namespace strata
