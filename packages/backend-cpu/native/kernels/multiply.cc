// Products divided among the pool's threads.
#include "kernel.h"
#include "matmul/deep-product.h"
#include "matmul/gemm.h"
#include "runtime/sizes.h"

STRATA_BEGIN

namespace {

/** Products (multiplications with addition) that are worth handing to another thread. */
constexpr size_t kPieceWork = 250'000;

/** Blocks of C. */
struct Grid {
  size_t rows;
  size_t columns;
};

/**
 * Blocks into which one product is divided, at least `pieces` of them where its size allows. Every row of blocks copies all
 * of B into panels and every column of blocks may copy all of A: of all grids, the one that copies least.
 */
Grid divide(size_t m, size_t n, size_t pieces) {
  const auto blockSize = [](size_t size, size_t blocks, size_t unit) {
    const size_t units = (size + unit - 1) / unit;
    return (units + blocks - 1) / blocks * unit;
  };
  const size_t mostAcross = n / kTileColumns + 1;
  const size_t mostDown = m / (2 * kTileRows) + 1;
  Grid best = {m, n};
  size_t leastCopied = SIZE_MAX;
  for (size_t across = 1; across <= pieces && across <= mostAcross; ++across) {
    const size_t wanted = (pieces + across - 1) / across;
    const size_t down = wanted < mostDown ? wanted : mostDown;
    // Too few pieces count as if their copies took so much longer.
    const size_t missing = (pieces + down * across - 1) / (down * across);
    const size_t copied = (m * across + n * down) * missing;
    if (copied < leastCopied) {
      leastCopied = copied;
      best = {blockSize(m, down, kTileRows), blockSize(n, across, kTileColumns)};
    }
  }
  return best;
}

}  // namespace

void multiply(Call& call, const Product& product, size_t batch, size_t aStep, size_t bStep) {
  const size_t depths = batch == 1 ? depthPieces(product) : 1;
  if (depths > 1) {
    multiplyDeep(call, product, depths);
    return;
  }
  const size_t m = product.m;
  const size_t n = product.n;
  const size_t threads = static_cast<size_t>(call.threads());
  const size_t work = m * n * (product.k + 1);
  size_t pieces = work / kPieceWork;
  pieces = threads == 1 ? 1 : (pieces < 2 * threads ? pieces : 2 * threads);
  const Grid block = divide(m, n, batch >= 8 * threads ? 1 : pieces);
  const size_t down = (m + block.rows - 1) / block.rows;
  const size_t across = (n + block.columns - 1) / block.columns;
  const size_t blockWork = work / (down * across) + 1;
  const size_t grain = blockWork < kPieceWork ? kPieceWork / blockWork + 1 : 1;

  const size_t perThread = roundUp(productScratch(block.rows, block.columns, product.k));
  float* scratch = static_cast<float*>(call.scratch(perThread * threads * sizeof(float)));
  if (call.failed()) {
    return;
  }
  const bool follows = across == 1 && product.cStride == n && call.takeFollower(n);
  call.parallelFor(batch * down * across, grain, [&](size_t begin, size_t end, int slot) {
    for (size_t piece = begin; piece < end; ++piece) {
      const size_t z = piece / (down * across);
      const size_t row = piece / across % down * block.rows;
      const size_t column = piece % across * block.columns;
      const RowsDone done = {call, z * m * n, slot};
      Product one = product;
      one.a += z * aStep;
      one.b += z * bStep;
      one.c += z * m * product.cStride;
      multiplyBlock(one, row, row + block.rows < m ? row + block.rows : m, column,
                    column + block.columns < n ? column + block.columns : n,
                    scratch + static_cast<size_t>(slot) * perThread, follows ? &done : nullptr);
    }
  });
}

STRATA_END
