// Rows picked by index, and their gradient. Elements of four bytes, float32 or int32; a row is `slice` neighbours.
#include "kernel.h"
#include "simd/map.h"

STRATA_BEGIN

namespace {

STRATA_INLINE void copyRow(float* to, const float* from, size_t n) {
  size_t i = 0;
  for (; i + kLanes <= n; i += kLanes) {
    store(to + i, load(from + i));
  }
  if (i < n) {
    storePart(to + i, loadPart(from + i, n - i), n - i);
  }
}

STRATA_INLINE float* words(Call& call, int index, size_t atLeast) {
  return call.kind(index) == ArgumentKind::int32 ? reinterpret_cast<float*>(call.ints(index, atLeast))
                                                 : call.floats(index, atLeast);
}

}  // namespace

/**
 * (x [batch, outer, size, slice], indices [batch, count], y [batch, outer, count, slice], batch, outer, size, slice,
 * count). Throws STRATA_INDEX for an index outside [0, size).
 */
STRATA_KERNEL(gather) {
  const size_t batch = call.size(3);
  const size_t outer = call.size(4);
  const size_t size = call.size(5);
  const size_t slice = call.size(6);
  const size_t count = call.size(7);
  const float* x = words(call, 0, batch * outer * size * slice);
  const int32_t* indices = call.ints(1, batch * count);
  float* y = words(call, 2, batch * outer * count * slice);
  if (call.failed()) {
    return;
  }
  for (size_t i = 0; i < batch * count; ++i) {
    if (indices[i] < 0 || static_cast<size_t>(indices[i]) >= size) {
      call.fail("STRATA_INDEX", "GatherV2: the index value %d is not in [0, %ld]", indices[i],
                static_cast<long>(size) - 1);
      return;
    }
  }
  const size_t grain = slice >= kMapGrain ? 1 : kMapGrain / (slice == 0 ? 1 : slice);
  call.parallelFor(batch * outer * count, grain, [=](size_t begin, size_t end, int) {
    for (size_t row = begin; row < end; ++row) {
      const size_t group = row / count;  // b·outer + o
      const size_t k = group / outer * count + row % count;
      const float* from = x + (group * size + static_cast<size_t>(indices[k])) * slice;
      if (slice == 1) {
        y[row] = *from;
      } else {
        copyRow(y + row * slice, from, slice);
      }
    }
  });
}

/**
 * (x [count, slice], segments [count], y [size, slice], count, size, slice): y[s] is the sum of the x[k] whose segment is
 * s, in the order of k. Segments outside [0, size) count nowhere.
 */
STRATA_KERNEL(segmentSum) {
  const size_t count = call.size(3);
  const size_t size = call.size(4);
  const size_t slice = call.size(5);
  const float* x = call.floats(0, count * slice);
  const int32_t* segments = call.ints(1, count);
  float* y = call.floats(2, size * slice);
  if (call.failed()) {
    return;
  }
  // Each piece owns some of the segments and looks through all indices for them.
  const size_t grain = count * slice + size * slice <= kMapGrain ? size : (size + 7) / 8;
  call.parallelFor(size, grain == 0 ? 1 : grain, [=](size_t begin, size_t end, int) {
    for (size_t i = begin * slice; i < end * slice; ++i) {
      y[i] = 0.0f;
    }
    for (size_t k = 0; k < count; ++k) {
      const auto s = static_cast<size_t>(segments[k]);
      if (s < begin || s >= end) {
        continue;
      }
      const float* from = x + k * slice;
      float* to = y + s * slice;
      for (size_t i = 0; i < slice; ++i) {
        to[i] += from[i];
      }
    }
  });
}

STRATA_END
