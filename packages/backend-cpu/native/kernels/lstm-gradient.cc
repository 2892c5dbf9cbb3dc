// lstmGradient(weight, lengths, trace, dy, dLastHidden, dLastCell, dProjected, dWeight, dHidden, dCell, sizes): the gradients of
// lstm (kernels/lstm.cc) from those of y and of both last states. With c' the cell after a step, from last to first:
//   dh += dy_t;   dc += dh·o·(1 − tanh²c');   da = (dc·g·i(1 − i), dc·c·f(1 − f), dc·i·(1 − g²), dh·tanh(c')·o(1 − o))
//   dh ← da·W;   dc ← dc·f;   dProjected_t = da;   dWeight = Σ daᵀ·h
#include "kernel.h"
#include "matmul/gemm.h"
#include "recurrent/backward.h"
#include "simd/math.h"

STRATA_BEGIN

STRATA_KERNEL(lstmGradient) {
  const Recurrence r = readRecurrence(call, 10, 1);
  if (call.failed()) {
    return;
  }
  const size_t hidden = r.hidden;
  const size_t states = r.batch * hidden;
  const float* weight = call.floats(0, 4 * hidden * hidden);
  const float* trace = call.floats(2, 6 * states * r.steps);
  const float* dy = call.floats(3, states * r.steps);
  const float* dLastHidden = call.floats(4, states);
  const float* dLastCell = call.floats(5, states);
  float* dProjected = call.floats(6, 4 * states * r.steps);
  float* dWeight = call.floats(7, 4 * hidden * hidden);
  float* dHidden = call.floats(8, states);
  float* dCell = call.floats(9, states);
  if (call.failed()) {
    return;
  }
  const size_t panels = roundUp(panelFloats(r, 4));
  const size_t stride = stateStride(4 * hidden);
  const size_t products = static_cast<size_t>(call.threads()) * kBlockRows * kBlockUnits;
  float* scratch = static_cast<float*>(call.scratch((panels + 2 * r.batch * stride + products) * sizeof(float)));
  if (call.failed()) {
    return;
  }
  copyRow(dLastHidden, dHidden, states);
  copyRow(dLastCell, dCell, states);
  if (!r.empty()) {
    packUnits(call, r, weight, 4, scratch);
    float* const da[2] = {scratch + panels, scratch + panels + r.batch * stride};
    goBack(call, r, 4, scratch, da, da[1] + r.batch * stride, dHidden, [&](size_t k, const Block& block) {
      const size_t t = r.step(k);
      for (size_t n = block.row; n < block.rowEnd; ++n) {
        const size_t at = n * r.steps + t;
        float* to = da[k % 2] + n * stride + block.unit;
        float* out = dProjected + at * 4 * hidden + block.unit;
        if (!r.runs(n, t)) {
          clearRows(to, hidden, 4, block.units);
          clearRows(out, hidden, 4, block.units);
          continue;
        }
        const float* note = trace + at * 6 * hidden + block.unit;
        const float* dOut = dy + at * hidden + block.unit;
        float* dh = dHidden + n * hidden + block.unit;
        float* dc = dCell + n * hidden + block.unit;
        eachVector(block.units, [=](auto lanes, size_t u) {
          const Vector i = lanes.get(note + u);
          const Vector f = lanes.get(note + hidden + u);
          const Vector g = lanes.get(note + 2 * hidden + u);
          const Vector o = lanes.get(note + 3 * hidden + u);
          const Vector c = lanes.get(note + 4 * hidden + u);
          const Vector squashed = tanh(f * c + i * g);
          const Vector toY = lanes.get(dh + u) + lanes.get(dOut + u);
          const Vector toC = lanes.get(dc + u) + toY * o * (1.0f - squashed * squashed);
          const auto put = [=](size_t gate, Vector d) __attribute__((always_inline)) {
            lanes.put(to + gate * hidden + u, d);
            lanes.put(out + gate * hidden + u, d);
          };
          put(0, toC * g * (i * (1.0f - i)));
          put(1, toC * c * (f * (1.0f - f)));
          put(2, toC * i * (1.0f - g * g));
          put(3, toY * squashed * (o * (1.0f - o)));
          lanes.put(dh + u, Vector{});
          lanes.put(dc + u, toC * f);
        });
      }
    });
  }
  const Product product = {4 * hidden, hidden,     r.batch * r.steps, dProjected, 1,      4 * hidden, trace + 5 * hidden,
                           6 * hidden, 1,          dWeight,           hidden,     nullptr, Activation::linear};
  if (hidden > 0) {
    multiply(call, product, 1, 0, 0);
  }
}

STRATA_END
