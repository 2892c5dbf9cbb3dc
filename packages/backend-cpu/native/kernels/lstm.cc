// lstm(projected, weight, hidden, cell, lengths, y, lastHidden, lastCell, trace, sizes [N, T, H, reverse]):
//   a = p_t + h·Wᵀ;   i, f, o = σ(a_i), σ(a_f), σ(a_o);   g = tanh(a_g);   c ← f·c + i·g;   y_t = h ← o·tanh(c)
// projected p [N, T, 4H], weight [4H, H], hidden and cell [N, H], lengths [N], y [N, T, H]; trace [N, T, 6H]: i, f, g, o, and
// c and h before the step. Sequences without a step t keep their state there, and get zeros.
#include "kernel.h"
#include "recurrent/steps.h"
#include "simd/math.h"

STRATA_BEGIN

STRATA_KERNEL(lstm) {
  const Recurrence r = readRecurrence(call, 9, 4);
  if (call.failed()) {
    return;
  }
  const size_t hidden = r.hidden;
  const size_t states = r.batch * hidden;
  const float* projected = call.floats(0, 4 * states * r.steps);
  const float* weight = call.floats(1, 4 * hidden * hidden);
  const float* firstHidden = call.floats(2, states);
  const float* firstCell = call.floats(3, states);
  float* y = call.floats(5, states * r.steps);
  float* lastHidden = call.floats(6, states);
  float* lastCell = call.floats(7, states);
  float* trace = call.floats(8, 6 * states * r.steps);
  if (call.failed()) {
    return;
  }
  const size_t panels = roundUp(panelFloats(r, 4));
  const size_t stride = stateStride(hidden);
  const size_t products = kBlockRows * 4 * kBlockUnits;
  const size_t threads = static_cast<size_t>(call.threads());
  float* scratch = static_cast<float*>(call.scratch((panels + 2 * r.batch * stride + threads * products) * sizeof(float)));
  if (call.failed()) {
    return;
  }
  packGates(call, r, weight, 4, scratch);
  float* const h[2] = {scratch + panels, scratch + panels + r.batch * stride};
  float* const local = h[1] + r.batch * stride;
  for (size_t n = 0; n < r.batch; ++n) {
    copyRow(firstHidden + n * hidden, h[0] + n * stride, hidden);
  }
  copyRow(firstCell, lastCell, states);
  for (size_t k = 0; k < r.steps && !r.empty(); ++k) {
    const size_t t = r.step(k);
    eachBlock(call, r, 4 * hidden, [&](const Block& block, int slot) {
      float* product = local + static_cast<size_t>(slot) * products;
      for (size_t g = 0; g < 4; ++g) {
        multiplyPanel(h[k % 2] + block.row * stride, stride, block.rows(), scratch + gatePanel(r, 4, block.unit, g),
                      block.units, hidden, product + g * kBlockUnits, 4 * kBlockUnits);
      }
      for (size_t n = block.row; n < block.rowEnd; ++n) {
        const size_t at = n * r.steps + t;
        const float* before = h[k % 2] + n * stride + block.unit;
        float* after = h[(k + 1) % 2] + n * stride + block.unit;
        float* out = y + at * hidden + block.unit;
        float* note = trace + at * 6 * hidden + block.unit;
        if (!r.runs(n, t)) {
          copyRow(before, after, block.units);
          clearRows(out, hidden, 1, block.units);
          clearRows(note, hidden, 6, block.units);
          continue;
        }
        const float* p = projected + at * 4 * hidden + block.unit;
        const float* a = product + (n - block.row) * 4 * kBlockUnits;
        float* c = lastCell + n * hidden + block.unit;
        eachVector(block.units, [=](auto lanes, size_t u) {
          const auto sum = [=](size_t g) __attribute__((always_inline)) {
            return lanes.get(p + g * hidden + u) + lanes.get(a + g * kBlockUnits + u);
          };
          const Vector i = sigmoid(sum(0));
          const Vector f = sigmoid(sum(1));
          const Vector g = tanh(sum(2));
          const Vector o = sigmoid(sum(3));
          const Vector old = lanes.get(c + u);
          const Vector next = f * old + i * g;
          const Vector result = o * tanh(next);
          lanes.put(note + u, i);
          lanes.put(note + hidden + u, f);
          lanes.put(note + 2 * hidden + u, g);
          lanes.put(note + 3 * hidden + u, o);
          lanes.put(note + 4 * hidden + u, old);
          lanes.put(note + 5 * hidden + u, lanes.get(before + u));
          lanes.put(c + u, next);
          lanes.put(after + u, result);
          lanes.put(out + u, result);
        });
      }
    });
  }
  for (size_t n = 0; n < r.batch; ++n) {
    copyRow(h[r.steps % 2] + n * stride, lastHidden + n * hidden, hidden);
  }
}

STRATA_END
