// The loop over a sequence's steps, from the last to the first, that the gradients of lstm and gru share.
#pragma once

#include "recurrent/steps.h"

namespace strata {
namespace STRATA_ISA {

/**
 * The loop of a backward pass, from the last step to the first. What flows into h lies in dh [N, H], which holds the last
 * state's gradient at first, and the initial state's in the end. before(k, block) is called for the k-th step: from dh and
 * its own states it writes the gradients da of the products, into da[k % 2] [N, gates·H] in rows of stateStride(gates·H),
 * and leaves in dh what passes by the product; for a sequence without that step, zeros, and dh as it is.
 */
template <typename Before>
STRATA_INLINE void goBack(Call& call, const Recurrence& r, size_t gates, const float* panels, float* const da[2],
                          float* products, float* dh, Before before) {
  const size_t depth = gates * r.hidden;
  const size_t stride = stateStride(depth);
  for (size_t k = r.steps + 1; k-- > 0;) {
    eachBlock(call, r, depth, [&](const Block& block, int slot) {
      if (k < r.steps) {
        float* product = products + static_cast<size_t>(slot) * kBlockRows * kBlockUnits;
        multiplyPanel(da[k % 2] + block.row * stride, stride, block.rows(), panels + block.unit * depth, block.units,
                      depth, product, kBlockUnits);
        for (size_t n = block.row; n < block.rowEnd; ++n) {
          if (r.runs(n, r.step(k))) {
            const float* added = product + (n - block.row) * kBlockUnits;
            float* to = dh + n * r.hidden + block.unit;
            eachVector(block.units,
                       [=](auto lanes, size_t i) { lanes.put(to + i, lanes.get(to + i) + lanes.get(added + i)); });
          }
        }
      }
      if (k > 0) {
        before(k - 1, block);
      }
    });
  }
}

}  // namespace STRATA_ISA
}  // namespace strata
