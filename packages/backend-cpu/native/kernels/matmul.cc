// matmul(a, b, bias | null, c, sizes): c[z] = activation(a[z] · b[z] + bias) for each matrix z of a batch.
//   sizes = [m, n, k, transposeA, transposeB, activation, batch, aBatch, bBatch]
// a[z] is [m, k] (or [k, m] transposed), b[z] is [k, n] (or [n, k]), bias is [n]. aBatch and bBatch are 1 when that operand
// is one matrix for the whole batch, else `batch`. Activations: 0 linear, 1 relu, 2 relu6, 3 elu, 4 sigmoid, 5 tanh.
#include "kernel.h"
#include "matmul/gemm.h"

STRATA_BEGIN

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

  const Product product = {m,
                           n,
                           k,
                           a,
                           transposeA ? 1 : k,
                           transposeA ? m : 1,
                           b,
                           transposeB ? 1 : n,
                           transposeB ? k : 1,
                           c,
                           n,
                           bias,
                           static_cast<Activation>(sizes[5])};
  multiply(call, product, batch, aStep, bStep);
}

STRATA_END
