// The loop over a sequence's steps that lstm and gru share.
#pragma once

#include "recurrent/steps.h"

namespace strata {
namespace STRATA_ISA {

/** Some units of one sequence in one step of a forward pass. */
struct Cells {
  size_t sequence;
  size_t unit;
  size_t units;
  /** Of the step among all of [N, T]. */
  size_t at;
  /** h·Wᵀ; a gate's begin kBlockUnits after those of the gate before. */
  const float* products;
  const float* before;
  float* after;
  float* out;
  /** Parts of the trace lie H apart. */
  float* note;
};

/**
 * The loop of a forward pass over h [N, H], `first` at the beginning and `last` in the end. step(cells) makes the state after
 * a step, its output and its trace; a sequence without the step keeps its state, and gets zeros. y is [N, T, H], the trace
 * [N, T, notes·H]. Fails the call when there is no scratch space.
 */
template <typename Step>
STRATA_INLINE void goForward(Call& call, const Recurrence& r, size_t gates, size_t notes, const float* weight,
                             const float* first, float* y, float* last, float* trace, Step step) {
  const size_t hidden = r.hidden;
  const size_t panels = roundUp(panelFloats(r, gates));
  const size_t stride = stateStride(hidden);
  const size_t width = gates * kBlockUnits;
  const size_t perSlot = kBlockRows * width;
  const size_t floats = panels + 2 * r.batch * stride + static_cast<size_t>(call.threads()) * perSlot;
  float* scratch = static_cast<float*>(call.scratch(floats * sizeof(float)));
  if (call.failed()) {
    return;
  }
  packGates(call, r, weight, gates, scratch);
  float* const h[2] = {scratch + panels, scratch + panels + r.batch * stride};
  float* const local = h[1] + r.batch * stride;
  for (size_t n = 0; n < r.batch; ++n) {
    copyRow(first + n * hidden, h[0] + n * stride, hidden);
  }
  for (size_t k = 0; k < r.steps && !r.empty(); ++k) {
    const size_t t = r.step(k);
    eachBlock(call, r, gates * hidden, [&](const Block& block, int slot) {
      float* products = local + static_cast<size_t>(slot) * perSlot;
      for (size_t g = 0; g < gates; ++g) {
        multiplyPanel(h[k % 2] + block.row * stride, stride, block.rows(), scratch + gatePanel(r, gates, block.unit, g),
                      block.units, hidden, products + g * kBlockUnits, width);
      }
      for (size_t n = block.row; n < block.rowEnd; ++n) {
        const size_t at = n * r.steps + t;
        const size_t state = n * stride + block.unit;
        const Cells cells = {n,
                             block.unit,
                             block.units,
                             at,
                             products + (n - block.row) * width,
                             h[k % 2] + state,
                             h[(k + 1) % 2] + state,
                             y + at * hidden + block.unit,
                             trace + at * notes * hidden + block.unit};
        if (r.runs(n, t)) {
          step(cells);
        } else {
          copyRow(cells.before, cells.after, cells.units);
          clearRows(cells.out, hidden, 1, cells.units);
          clearRows(cells.note, hidden, notes, cells.units);
        }
      }
    });
  }
  for (size_t n = 0; n < r.batch; ++n) {
    copyRow(h[r.steps % 2] + n * stride, last + n * hidden, hidden);
  }
}

}  // namespace STRATA_ISA
}  // namespace strata
