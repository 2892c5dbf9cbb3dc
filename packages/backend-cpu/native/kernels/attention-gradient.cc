// attentionGradient(q, k, v, mask | null, maskAt | null, lengths | null, y, logSumExp, dy, dq, dk, dv, sizes, scale): the
// gradients of attention with respect to q, k and v. Arguments as in attention.cc; dy is as y, dq, dk and dv as q, k and v.
//
//   P = e^(scale·q·kᵀ + mask − logSumExp),  dv = Pᵀ·dy,  dS = scale·P∘(dy·vᵀ − Σ dy∘y),  dq = dS·k,  dk = dSᵀ·q
//
// The weights P are computed again, block by block (Dao et al., FlashAttention, 2022). A matrix is one thread's: what its
// blocks give for dq, dk and dv is added in their order.
#include "attention/block-product.h"
#include "attention/view.h"
#include "kernel.h"
#include "simd/reduce.h"

STRATA_BEGIN

namespace {

/** Σ a[i]·b[i] */
STRATA_INLINE float dot(const float* a, const float* b, size_t n) {
  Vector sums = {};
  size_t i = 0;
  for (; i + kLanes <= n; i += kLanes) {
    sums += load(a + i) * load(b + i);
  }
  if (i < n) {
    sums += loadPart(a + i, n - i) * loadPart(b + i, n - i);
  }
  return combineLanes(sums, [](Vector x, Vector y) { return x + y; });
}

/** Products of one row to its weights; zero for the keys after `seen`. */
STRATA_INLINE void weighRow(float* row, size_t seen, size_t n, float scale, RowMask mask, float logSumExp) {
  size_t from = seen;
  if (logSumExp == -kInfinity) {
    from = 0;
  } else {
    eachScore(row, seen, scale, mask, [&](size_t i, size_t count, Vector score) {
      storeCount(row + i, exp(score - logSumExp), count);
    });
  }
  for (size_t i = from; i < n; ++i) {
    row[i] = 0;
  }
}

}  // namespace

STRATA_KERNEL(attentionGradient) {
  const AttentionView view = readAttention(call, 3, 12);
  const size_t rows = view.rows;
  const size_t features = view.features;
  const size_t width = view.width;
  const float* q = call.floats(0, view.matrices * rows * features);
  const float* k = call.floats(1, view.matrices * view.keys * features);
  const float* v = call.floats(2, view.matrices * view.keys * width);
  const float* y = call.floats(6, view.matrices * rows * width);
  const float* logSumExp = call.floats(7, view.matrices * rows);
  const float* dy = call.floats(8, view.matrices * rows * width);
  float* dq = call.floats(9, view.matrices * rows * features);
  float* dk = call.floats(10, view.matrices * view.keys * features);
  float* dv = call.floats(11, view.matrices * view.keys * width);
  if (call.failed()) {
    return;
  }
  const size_t highest = least(kAttentionBlock, rows);
  const size_t stride = roundUp(least(kAttentionBlock, view.keys));
  const size_t side = roundUp(highest > stride ? highest : stride);
  const size_t wide = features > width ? features : width;
  const size_t scores = productScratch(side, side, wide);
  const size_t sums = productScratch(side, wide, side);
  const size_t forProducts = roundUp(scores > sums ? scores : sums);
  const size_t forWeights = highest * stride;
  const size_t forParts = roundUp(side * wide);
  const size_t perSlot = forProducts + 2 * forWeights + forParts;
  float* scratch = static_cast<float*>(call.scratch(perSlot * sizeof(float) * call.threads()));
  if (call.failed()) {
    return;
  }
  const size_t grain = attentionGrain(rows * view.keys * (3 * features + 2 * width));
  call.parallelFor(view.matrices, grain, [=](size_t begin, size_t end, int slot) {
    float* products = scratch + perSlot * slot;
    float* weights = products + forProducts;
    float* dScores = weights + forWeights;
    const BlockProduct multiply = {products, dScores + forWeights};
    for (size_t matrix = begin; matrix < end; ++matrix) {
      const size_t keys = view.keysOf(matrix);
      float* dKeys = dk + matrix * view.keys * features;
      float* dValues = dv + matrix * view.keys * width;
      const auto zero = [](float* to, size_t n) { mapRow(to, to, n, [](Vector) { return Vector{}; }); };
      // Nobody looks at the rest; and where there are no queries, at nothing.
      const size_t touched = rows == 0 ? 0 : keys;
      zero(dKeys + touched * features, (view.keys - touched) * features);
      zero(dValues + touched * width, (view.keys - touched) * width);
      for (size_t row = 0; row < rows; row += kAttentionBlock) {
        const size_t height = least(kAttentionBlock, rows - row);
        const size_t at = matrix * rows + row;
        const float* queries = q + at * features;
        const float* dys = dy + at * width;
        float* dQueries = dq + at * features;
        float means[kAttentionBlock];
        for (size_t r = 0; r < height; ++r) {
          means[r] = dot(dys + r * width, y + (at + r) * width, width);
        }
        if (keys == 0) {
          zero(dQueries, height * features);
        }
        for (size_t key = 0; key < keys && view.seen(row + height - 1, key, 1) > 0; key += kAttentionBlock) {
          const size_t n = least(kAttentionBlock, keys - key);
          const float* keyRows = k + (matrix * view.keys + key) * features;
          const float* valueRows = v + (matrix * view.keys + key) * width;
          multiply.ofRows(height, n, features, queries, keyRows, weights, stride);
          multiply.ofRows(height, n, width, dys, valueRows, dScores, stride);
          for (size_t r = 0; r < height; ++r) {
            float* p = weights + r * stride;
            weighRow(p, view.seen(row + r, key, n), n, view.scale, RowMask(view, matrix, row + r, key),
                     logSumExp[at + r]);
            const float mean = means[r];
            const float scale = view.scale;
            mapRows(p, dScores + r * stride, dScores + r * stride, n,
                    [=](Vector weight, Vector d) { return weight * (d - mean) * scale; });
          }
          // Of causal attention the blocks of queries begin to see a block of keys with that of the same number.
          const bool first = row == (view.causal ? key : 0);
          multiply.add(n, width, height, weights, 1, stride, dys, dValues + key * width, first);
          multiply.add(height, features, n, dScores, stride, 1, keyRows, dQueries, key == 0);
          multiply.add(n, features, height, dScores, 1, stride, queries, dKeys + key * features, first);
        }
      }
    }
  });
}

STRATA_END
