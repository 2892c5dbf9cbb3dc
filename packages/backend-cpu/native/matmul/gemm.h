// The product of two matrices: a block of the result by one thread, or all of it by the pool's.
#pragma once

#include "matmul/tile.h"

namespace strata {
namespace STRATA_ISA {

/** C [m, n] = activation(A [m, k] · B [k, n] + bias [n]), C row-major. */
struct Product {
  size_t m;
  size_t n;
  size_t k;
  /** A(i, p) = a[i·aRow + p·aDepth]; one of the strides is 1. */
  const float* a;
  size_t aRow;
  size_t aDepth;
  /** B(p, j) = b[p·bDepth + j·bColumn]; one of the strides is 1. */
  const float* b;
  size_t bDepth;
  size_t bColumn;
  float* c;
  size_t cStride;
  const float* bias;
  Activation activation;
};

/** Floats of scratch space that a block of a product of depth k needs. */
size_t productScratch(size_t rows, size_t columns, size_t k);

/** Whom to tell of rows of C that are complete: the follower of a call whose result has C's first row at `offset`. */
struct RowsDone {
  const Call& call;
  size_t offset;
  int slot;

  STRATA_INLINE void tell(size_t row, size_t rowEnd, size_t columns) const {
    call.follow(offset + row * columns, offset + rowEnd * columns, slot);
  }
};

/**
 * Computes C for rows [row, rowEnd) and columns [column, columnEnd). Every element is the same sum in the same order
 * whatever the block, so results do not depend on how a product is divided. `done` is for blocks of all columns.
 */
void multiplyBlock(const Product& product, size_t row, size_t rowEnd, size_t column, size_t columnEnd, float* scratch,
                   const RowsDone* done = nullptr);

/**
 * Multiplies the matrices of a batch on the pool's threads: those of A lie aStep apart, those of B bStep (0: one for all), and
 * those of C m · cStride. Takes the call's scratch space.
 */
void multiply(Call& call, const Product& product, size_t batch, size_t aStep, size_t bStep);

}  // namespace STRATA_ISA
}  // namespace strata
