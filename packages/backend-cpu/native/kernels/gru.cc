// gru(projected, weight, bias, hidden, lengths, y, lastHidden, trace, sizes [N, T, H, reverse]):
//   a = h·Wᵀ + b;   r, z = σ(p_r + a_r), σ(p_z + a_z);   n = tanh(p_n + r·a_n);   y_t = h ← n + z·(h − n)
// projected p [N, T, 3H], weight [3H, H], bias [3H], hidden [N, H], lengths [N], y [N, T, H]; trace [N, T, 5H]: r, z, n, a_n,
// and h before the step. Sequences without a step t keep their state there, and get zeros.
#include "kernel.h"
#include "recurrent/forward.h"
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
  goForward(call, r, 3, 5, weight, firstHidden, y, lastHidden, trace, [=](const Cells& cells) {
    const float* p = projected + cells.at * 3 * hidden + cells.unit;
    const float* b = bias + cells.unit;
    eachVector(cells.units, [=](auto lanes, size_t u) {
      const auto sum = [=](size_t g) __attribute__((always_inline)) {
        return lanes.get(cells.products + g * kBlockUnits + u) + lanes.get(b + g * hidden + u);
      };
      const Vector reset = sigmoid(lanes.get(p + u) + sum(0));
      const Vector update = sigmoid(lanes.get(p + hidden + u) + sum(1));
      const Vector inner = sum(2);
      const Vector candidate = tanh(lanes.get(p + 2 * hidden + u) + reset * inner);
      const Vector old = lanes.get(cells.before + u);
      const Vector result = candidate + update * (old - candidate);
      lanes.put(cells.note + u, reset);
      lanes.put(cells.note + hidden + u, update);
      lanes.put(cells.note + 2 * hidden + u, candidate);
      lanes.put(cells.note + 3 * hidden + u, inner);
      lanes.put(cells.note + 4 * hidden + u, old);
      lanes.put(cells.after + u, result);
      lanes.put(cells.out + u, result);
    });
  });
}

STRATA_END
