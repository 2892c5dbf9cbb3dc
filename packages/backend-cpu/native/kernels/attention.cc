// attention(q, k, v, mask | null, maskAt | null, lengths | null, y, logSumExp, sizes, scale):
//   y = softmax(scale·q·kᵀ + mask)·v row by row, and the logarithm of what the softmax divides by; zeros and −∞ for a row
//   that may look at nothing.
//   sizes = [matrices, rows, keys, features, width, causal, maskRow, perLength]
// q is [matrices, rows, features], k [matrices, keys, features], v [matrices, keys, width], y [matrices, rows, width] and
// logSumExp [matrices, rows]. The mask, float32 to add or bytes that are not 0 where a query may look, has row r of matrix
// z at maskAt[z] + r·maskRow. Causal: row r looks at the keys 0 … r. lengths[z / perLength]: keys from there on do not count.
//
// Block by block: rows keep the largest score so far and the sum of the exponentials, and what was added up before is
// multiplied by what a larger one makes of it (Milakov and Gimelshein, Online normalizer calculation for softmax, 2018; Dao
// et al., FlashAttention, 2022). The weights of one block are all that is held.
#include "attention/block-product.h"
#include "attention/view.h"
#include "kernel.h"
#include "simd/softmax.h"

STRATA_BEGIN

namespace {

struct RowSums {
  float largest[kAttentionBlock];
  float sum[kAttentionBlock];
};

/**
 * Products of one row to exponentials e^(score − the largest so far), zero for the keys after `seen`. Gives what to multiply
 * by that which was made with the largest score before.
 */
STRATA_INLINE float weighRow(float* row, size_t seen, size_t n, float scale, RowMask mask, float& largest, float& sum) {
  Vector most = broadcast(largest);
  eachScore(row, seen, scale, mask, [&](size_t i, size_t count, Vector score) {
    storeCount(row + i, score, count);
    most = maxOrNaN(most, select(kLaneNumbers < static_cast<int32_t>(count), score, broadcast(-kInfinity)));
  });
  const float next = combineLanes(most, [](Vector a, Vector b) { return maxOrNaN(a, b); });
  size_t from = seen;
  float factor = 1;
  if (next == -kInfinity) {
    from = 0;
  } else {
    const float more = sumExp(row, row, seen, next);
    if (next != largest) {
      factor = exp(broadcast(largest - next))[0];
    }
    sum = sum * factor + more;
    largest = next;
  }
  for (size_t i = from; i < n; ++i) {
    row[i] = 0;
  }
  return factor;
}

}  // namespace

STRATA_KERNEL(attention) {
  const AttentionView view = readAttention(call, 3, 8);
  const size_t rows = view.rows;
  const size_t features = view.features;
  const size_t width = view.width;
  const float* q = call.floats(0, view.matrices * rows * features);
  const float* k = call.floats(1, view.matrices * view.keys * features);
  const float* v = call.floats(2, view.matrices * view.keys * width);
  float* y = call.floats(6, view.matrices * rows * width);
  float* logSumExp = call.floats(7, view.matrices * rows);
  if (call.failed() || view.matrices * rows == 0) {
    return;
  }
  const size_t highest = least(kAttentionBlock, rows);
  const size_t stride = roundUp(least(kAttentionBlock, view.keys));
  const size_t scores = productScratch(highest, stride, features);
  const size_t sums = productScratch(highest, width, stride);
  const size_t forProducts = roundUp(scores > sums ? scores : sums);
  const size_t forWeights = highest * stride;
  const size_t forParts = roundUp(highest * width);
  const size_t perSlot = forProducts + forWeights + forParts;
  float* scratch = static_cast<float*>(call.scratch(perSlot * sizeof(float) * call.threads()));
  if (call.failed()) {
    return;
  }
  const size_t blocks = ceilDivide(rows, kAttentionBlock);
  const size_t grain = attentionGrain(highest * view.keys * (features + width));
  call.parallelFor(view.matrices * blocks, grain, [=](size_t begin, size_t end, int slot) {
    float* products = scratch + perSlot * slot;
    float* weights = products + forProducts;
    const BlockProduct multiply = {products, weights + forWeights};
    for (size_t piece = begin; piece < end; ++piece) {
      const size_t matrix = piece / blocks;
      const size_t row = piece % blocks * kAttentionBlock;
      const size_t height = least(kAttentionBlock, rows - row);
      // Beyond this key no row of the block looks at anything.
      const size_t keys = view.seen(row + height - 1, 0, view.keysOf(matrix));
      const float* from = q + (matrix * rows + row) * features;
      float* to = y + (matrix * rows + row) * width;
      RowSums so;
      for (size_t r = 0; r < height; ++r) {
        so.largest[r] = -kInfinity;
        so.sum[r] = 0;
      }
      for (size_t key = 0; key < keys; key += kAttentionBlock) {
        const size_t n = least(kAttentionBlock, keys - key);
        multiply.ofRows(height, n, features, from, k + (matrix * view.keys + key) * features, weights, stride);
        for (size_t r = 0; r < height; ++r) {
          const float factor = weighRow(weights + r * stride, view.seen(row + r, key, n), n, view.scale,
                                        RowMask(view, matrix, row + r, key), so.largest[r], so.sum[r]);
          if (key > 0 && factor != 1) {
            mapRow(to + r * width, to + r * width, width, [=](Vector before) { return before * factor; });
          }
        }
        multiply.add(height, width, n, weights, stride, 1, v + (matrix * view.keys + key) * width, to, key == 0);
      }
      for (size_t r = 0; r < height; ++r) {
        float* values = to + r * width;
        if (so.largest[r] == -kInfinity) {
          mapRow(values, values, width, [](Vector) { return Vector{}; });
          logSumExp[matrix * rows + row + r] = -kInfinity;
          continue;
        }
        const float factor = 1 / so.sum[r];
        mapRow(values, values, width, [=](Vector sum) { return sum * factor; });
        logSumExp[matrix * rows + row + r] = so.largest[r] + log(broadcast(so.sum[r]))[0];
      }
    }
  });
}

STRATA_END
