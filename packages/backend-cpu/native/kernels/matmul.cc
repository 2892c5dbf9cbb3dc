// matmul(a, b, bias | null, c, sizes): c[z] = activation(a[z] · b[z] + bias) for each matrix z of a batch.
//   sizes = [m, n, k, transposeA, transposeB, activation, batch, aBatch, bBatch]
// a[z] is [m, k] (or [k, m] transposed), b[z] is [k, n] (or [n, k]), bias is [n]. aBatch and bBatch are 1 when that operand
// is one matrix for the whole batch, else `batch`. Activations: 0 linear, 1 relu, 2 relu6, 3 elu, 4 sigmoid, 5 tanh.
#include "kernel.h"
#include "matmul/gemm.h"

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

STRATA_KERNEL(matmul) {
  const int32_t* sizes = call.ints(4, 9);
  if (call.failed()) {
    return;
  }
  for (int i = 0; i < 9; ++i) {
    if (sizes[i] < 0) {
      call.fail("STRATA_BAD_ARGUMENT", "matmul: sizes[%d] must not be negative; received %d", i, sizes[i]);
      return;
    }
  }
  size_t m = static_cast<size_t>(sizes[0]);
  const size_t n = static_cast<size_t>(sizes[1]);
  const size_t k = static_cast<size_t>(sizes[2]);
  const bool transposeA = sizes[3] != 0;
  const bool transposeB = sizes[4] != 0;
  size_t batch = static_cast<size_t>(sizes[6]);
  size_t aBatch = static_cast<size_t>(sizes[7]);
  const size_t bBatch = static_cast<size_t>(sizes[8]);
  const float* a = call.floats(0, aBatch * m * k);
  const float* b = call.floats(1, bBatch * n * k);
  const float* bias = call.has(2) ? call.floats(2, n) : nullptr;
  float* c = call.floats(3, batch * m * n);
  if (call.failed() || batch * m * n == 0) {
    return;
  }
  if ((aBatch != 1 && aBatch != batch) || (bBatch != 1 && bBatch != batch)) {
    call.fail("STRATA_BAD_ARGUMENT", "matmul: a batch of %zu · %zu does not give %zu", aBatch, bBatch, batch);
    return;
  }
  if (bBatch == 1 && aBatch == batch && !transposeA) {
    // One matrix for all: the rows of all the others are one tall matrix.
    m *= batch;
    batch = 1;
    aBatch = 1;
  }
  const size_t aStep = aBatch == 1 ? 0 : m * k;
  const size_t bStep = bBatch == 1 ? 0 : n * k;

  const size_t threads = static_cast<size_t>(call.threads());
  const size_t work = m * n * (k + 1);
  size_t pieces = work / kPieceWork;
  pieces = threads == 1 ? 1 : (pieces < 4 * threads ? pieces : 4 * threads);
  const Grid block = divide(m, n, batch >= 8 * threads ? 1 : pieces);
  const size_t down = (m + block.rows - 1) / block.rows;
  const size_t across = (n + block.columns - 1) / block.columns;
  const size_t blockWork = work / (down * across) + 1;
  const size_t grain = blockWork < kPieceWork ? kPieceWork / blockWork + 1 : 1;

  const size_t perThread = (productScratch(block.rows, block.columns, k) + 15) / 16 * 16;
  float* scratch = static_cast<float*>(call.scratch(perThread * threads * sizeof(float)));
  if (call.failed()) {
    return;
  }
  call.parallelFor(batch * down * across, grain, [=](size_t begin, size_t end, int slot) {
    for (size_t piece = begin; piece < end; ++piece) {
      const size_t z = piece / (down * across);
      const size_t row = piece / across % down * block.rows;
      const size_t column = piece % across * block.columns;
      const Product product = {m,
                               n,
                               k,
                               a + z * aStep,
                               transposeA ? 1 : k,
                               transposeA ? m : 1,
                               b + z * bStep,
                               transposeB ? 1 : n,
                               transposeB ? k : 1,
                               c + z * m * n,
                               n,
                               bias,
                               static_cast<Activation>(sizes[5])};
      multiplyBlock(product, row, row + block.rows < m ? row + block.rows : m, column,
                    column + block.columns < n ? column + block.columns : n,
                    scratch + static_cast<size_t>(slot) * perThread);
    }
  });
}

STRATA_END
