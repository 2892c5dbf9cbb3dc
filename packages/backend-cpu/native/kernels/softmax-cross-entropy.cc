// The cross entropy of each row's softmax with its label y, smoothed by s over C classes, and its gradient:
//   loss = −(1 − s)·log p[y] − s/C·Σ log p,   d loss / d logits = dy·(p − t),   t = (1 − s)·[c = y] + s/C
#include "kernel.h"
#include "simd/softmax.h"

STRATA_BEGIN

namespace {

/** Fails the call, naming the first row whose label is none of the classes. */
STRATA_INLINE bool checkLabels(Call& call, const int32_t* labels, size_t rows, size_t classes) {
  for (size_t r = 0; r < rows; ++r) {
    if (labels[r] < 0 || static_cast<size_t>(labels[r]) >= classes) {
      call.fail("STRATA_LABEL", "labels[%zu] is %d; the labels of %zu classes lie in [0, %zu)", r, labels[r], classes,
                classes);
      return false;
    }
  }
  return true;
}

}  // namespace

/** (logits [rows, columns], labels [rows], loss [rows], rows, columns, smoothing) */
STRATA_KERNEL(softmaxCrossEntropy) {
  const size_t rows = call.size(3);
  const size_t columns = call.size(4);
  const float smoothing = static_cast<float>(call.number(5));
  const float* logits = call.floats(0, rows * columns);
  const int32_t* labels = call.ints(1, rows);
  float* loss = call.floats(2, rows);
  if (call.failed() || !checkLabels(call, labels, rows, columns)) {
    return;
  }
  call.parallelFor(rows, rowGrain(columns), [=](size_t begin, size_t end, int) {
    for (size_t r = begin; r < end; ++r) {
      const float* x = logits + r * columns;
      const float shift = largest(x, columns);
      const float logSum = log(broadcast(sumExp(x, nullptr, columns, shift)))[0];
      float value = (1.0f - smoothing) * (logSum - (x[labels[r]] - shift));
      if (smoothing > 0.0f) {
        // Relative to the shift before they are added, so that large logits lose no digits.
        double sum = 0;
        for (size_t c = 0; c < columns; ++c) {
          sum += x[c] - shift;
        }
        value += smoothing * (logSum - static_cast<float>(sum / static_cast<double>(columns)));
      }
      loss[r] = value;
    }
  });
}

/** (logits, labels, dy [rows], dlogits [rows, columns], rows, columns, smoothing) */
STRATA_KERNEL(softmaxCrossEntropyGradient) {
  const size_t rows = call.size(4);
  const size_t columns = call.size(5);
  const float smoothing = static_cast<float>(call.number(6));
  const float* logits = call.floats(0, rows * columns);
  const int32_t* labels = call.ints(1, rows);
  const float* dy = call.floats(2, rows);
  float* dx = call.floats(3, rows * columns);
  if (call.failed() || !checkLabels(call, labels, rows, columns)) {
    return;
  }
  const float spread = smoothing / static_cast<float>(columns);
  call.parallelFor(rows, rowGrain(columns), [=](size_t begin, size_t end, int) {
    for (size_t r = begin; r < end; ++r) {
      const float* x = logits + r * columns;
      float* to = dx + r * columns;
      const float factor = 1.0f / sumExp(x, to, columns, largest(x, columns));
      const float weight = dy[r];
      // The label's target is larger than the others by 1 − s.
      const float own = to[labels[r]] * factor - spread - (1.0f - smoothing);
      mapRow(to, to, columns, [=](Vector e) { return (e * factor - spread) * weight; });
      to[labels[r]] = own * weight;
    }
  });
}

STRATA_END
