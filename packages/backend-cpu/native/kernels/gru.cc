// gru(projected, weight, bias, hidden, lengths, y, lastHidden, trace, sizes [N, T, H, reverse]):
//   a = h·Wᵀ + b;   r, z = σ(p_r + a_r), σ(p_z + a_z);   n = tanh(p_n + r·a_n);   y_t = h ← n + z·(h − n)
// projected p [N, T, 3H], weight [3H, H], bias [3H], hidden [N, H], lengths [N], y [N, T, H]; trace [N, T, 5H]: r, z, n, a_n,
// and h before the step. Sequences without a step t keep their state there, and get zeros.
#include "kernel.h"
#include "recurrent/steps.h"
#include "simd/math.h"

STRATA_BEGIN

STRATA_KERNEL(gru) {
  const Recurrence r = readRecurrence(call, 8, 4);
  if (call.failed()) {
    return;
  }
  const size_t hidden = r.hidden;
  const size_t states = r.batch * hidden;
  const float* projected = call.floats(0, 3 * states * r.steps);
  const float* weight = call.floats(1, 3 * hidden * hidden);
  const float* bias = call.floats(2, 3 * hidden);
  const float* firstHidden = call.floats(3, states);
  float* y = call.floats(5, states * r.steps);
  float* lastHidden = call.floats(6, states);
  float* trace = call.floats(7, 5 * states * r.steps);
  if (call.failed()) {
    return;
  }
  const size_t panels = roundUp(panelFloats(r, 3));
  const size_t stride = stateStride(hidden);
  const size_t products = kBlockRows * 3 * kBlockUnits;
  const size_t threads = static_cast<size_t>(call.threads());
  float* scratch = static_cast<float*>(call.scratch((panels + 2 * r.batch * stride + threads * products) * sizeof(float)));
  if (call.failed()) {
    return;
  }
  packGates(call, r, weight, 3, scratch);
  float* const h[2] = {scratch + panels, scratch + panels + r.batch * stride};
  float* const local = h[1] + r.batch * stride;
  for (size_t n = 0; n < r.batch; ++n) {
    copyRow(firstHidden + n * hidden, h[0] + n * stride, hidden);
  }
  for (size_t k = 0; k < r.steps && !r.empty(); ++k) {
    const size_t t = r.step(k);
    eachBlock(call, r, 3 * hidden, [&](const Block& block, int slot) {
      float* product = local + static_cast<size_t>(slot) * products;
      for (size_t g = 0; g < 3; ++g) {
        multiplyPanel(h[k % 2] + block.row * stride, stride, block.rows(), scratch + gatePanel(r, 3, block.unit, g),
                      block.units, hidden, product + g * kBlockUnits, 3 * kBlockUnits);
      }
      for (size_t n = block.row; n < block.rowEnd; ++n) {
        const size_t at = n * r.steps + t;
        const float* before = h[k % 2] + n * stride + block.unit;
        float* after = h[(k + 1) % 2] + n * stride + block.unit;
        float* out = y + at * hidden + block.unit;
        float* note = trace + at * 5 * hidden + block.unit;
        if (!r.runs(n, t)) {
          copyRow(before, after, block.units);
          clearRows(out, hidden, 1, block.units);
          clearRows(note, hidden, 5, block.units);
          continue;
        }
        const float* p = projected + at * 3 * hidden + block.unit;
        const float* a = product + (n - block.row) * 3 * kBlockUnits;
        const float* b = bias + block.unit;
        eachVector(block.units, [=](auto lanes, size_t u) {
          const auto sum = [=](size_t g) __attribute__((always_inline)) {
            return lanes.get(a + g * kBlockUnits + u) + lanes.get(b + g * hidden + u);
          };
          const Vector reset = sigmoid(lanes.get(p + u) + sum(0));
          const Vector update = sigmoid(lanes.get(p + hidden + u) + sum(1));
          const Vector inner = sum(2);
          const Vector candidate = tanh(lanes.get(p + 2 * hidden + u) + reset * inner);
          const Vector old = lanes.get(before + u);
          const Vector result = candidate + update * (old - candidate);
          lanes.put(note + u, reset);
          lanes.put(note + hidden + u, update);
          lanes.put(note + 2 * hidden + u, candidate);
          lanes.put(note + 3 * hidden + u, inner);
          lanes.put(note + 4 * hidden + u, old);
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
