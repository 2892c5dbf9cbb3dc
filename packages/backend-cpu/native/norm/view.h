// What a normalization sees of a tensor: [batch, positions, groups, channels]. Each group of each batch has statistics of
// its own, over positions and channels; factors and shifts belong to the groups·channels columns. Batch norm has one batch
// and one channel per group, layer norm one position and one group.
#pragma once

#include "simd/vector.h"

namespace strata {
namespace STRATA_ISA {

struct View {
  size_t batch, positions, groups, channels;

  STRATA_INLINE size_t columns() const { return groups * channels; }
  STRATA_INLINE size_t statistics() const { return batch * groups; }
  /** Elements behind one mean. */
  STRATA_INLINE size_t count() const { return positions * channels; }
  STRATA_INLINE size_t size() const { return batch * positions * columns(); }
};

STRATA_INLINE View readView(Call& call, int index) {
  const int32_t* s = call.ints(index, 4);
  if (s == nullptr) {
    return {};
  }
  const auto size = [&](int i) { return s[i] > 0 ? static_cast<size_t>(s[i]) : size_t{0}; };
  return {size(0), size(1), size(2), size(3)};
}

/** 1/√(variance + ε) */
STRATA_INLINE double inverseDeviation(double variance, double epsilon) {
  return 1.0 / __builtin_sqrt(variance + epsilon);
}

}  // namespace STRATA_ISA
}  // namespace strata
