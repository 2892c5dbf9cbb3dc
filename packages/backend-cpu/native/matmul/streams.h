// Products with few rows or few columns.
#pragma once

#include "matmul/gemm.h"

namespace strata {
namespace STRATA_ISA {

/** Up to so many rows or columns the large operand of a product is read as a stream. */
constexpr size_t kFewest = 3;

/** Whether that is the way for a product; a matter of its sizes alone, since sums are rounded otherwise. */
bool suitsStreams(const Product& product);

/** As multiplyBlock; scratch holds kFewest · k floats. */
void multiplyByStreams(const Product& product, size_t row, size_t rowEnd, size_t column, size_t columnEnd,
                    float* scratch);

}  // namespace STRATA_ISA
}  // namespace strata
