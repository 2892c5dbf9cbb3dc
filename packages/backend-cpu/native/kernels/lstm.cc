// lstm(projected, weight, hidden, cell, lengths, y, lastHidden, lastCell, trace, sizes [N, T, H, reverse]):
//   a = p_t + h·Wᵀ;   i, f, o = σ(a_i), σ(a_f), σ(a_o);   g = tanh(a_g);   c ← f·c + i·g;   y_t = h ← o·tanh(c)
// projected p [N, T, 4H], weight [4H, H], hidden and cell [N, H], lengths [N], y [N, T, H]; trace [N, T, 6H]: i, f, g, o, and
// c and h before the step. Sequences without a step t keep their state there, and get zeros.
#include "kernel.h"
#include "recurrent/forward.h"
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
  copyRow(firstCell, lastCell, states);
  goForward(call, r, 4, 6, weight, firstHidden, y, lastHidden, trace, [=](const Cells& cells) {
    const float* p = projected + cells.at * 4 * hidden + cells.unit;
    float* c = lastCell + cells.sequence * hidden + cells.unit;
    eachVector(cells.units, [=](auto lanes, size_t u) {
      const auto sum = [=](size_t g) __attribute__((always_inline)) {
        return lanes.get(p + g * hidden + u) + lanes.get(cells.products + g * kBlockUnits + u);
      };
      const Vector i = sigmoid(sum(0));
      const Vector f = sigmoid(sum(1));
      const Vector g = tanh(sum(2));
      const Vector o = sigmoid(sum(3));
      const Vector old = lanes.get(c + u);
      const Vector next = f * old + i * g;
      const Vector result = o * tanh(next);
      lanes.put(cells.note + u, i);
      lanes.put(cells.note + hidden + u, f);
      lanes.put(cells.note + 2 * hidden + u, g);
      lanes.put(cells.note + 3 * hidden + u, o);
      lanes.put(cells.note + 4 * hidden + u, old);
      lanes.put(cells.note + 5 * hidden + u, lanes.get(cells.before + u));
      lanes.put(c + u, next);
      lanes.put(cells.after + u, result);
      lanes.put(cells.out + u, result);
    });
  });
}

STRATA_END
