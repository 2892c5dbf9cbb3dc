#include "matmul/pack.h"

#include "kernel.h"
#include "simd/transpose.h"

STRATA_BEGIN

void packAcross(const float* from, size_t stride, size_t count, size_t depth, float* panel, size_t width) {
  // Squares of kLanes × kLanes, turned in registers. Where the panel is narrower than a vector, a store runs into the
  // place of the next depth, which is written later, or at the end into the slack: masked stores are slow on many
  // processors.
  const Vector zero = {};
  for (size_t k = 0; k < depth; k += kLanes) {
    const size_t depths = depth - k < kLanes ? depth - k : kLanes;
    for (size_t i = 0; i < width; i += kLanes) {
      Vector square[kLanes];
#pragma GCC unroll 16
      for (size_t row = 0; row < kLanes; ++row) {
        const float* source = from + (i + row) * stride + k;
        square[row] = i + row >= count ? zero : (depths == kLanes ? load(source) : loadPart(source, depths));
      }
      transpose(square);
      float* to = panel + k * width + i;
      const size_t lanes = width - i < kLanes ? width - i : kLanes;
      if ((lanes == kLanes || i == 0) && depths == kLanes) {
#pragma GCC unroll 16
        for (size_t d = 0; d < kLanes; ++d) {
          store(to + d * width, square[d]);
        }
      } else {
        for (size_t d = 0; d < depths; ++d) {
          storePart(to + d * width, square[d], lanes);
        }
      }
    }
  }
}

void packAlong(const float* from, size_t stride, size_t count, size_t depth, float* panel, size_t width) {
  const size_t whole = count / kLanes * kLanes;
  for (size_t k = 0; k < depth; ++k) {
    const float* source = from + k * stride;
    float* to = panel + k * width;
    size_t i = 0;
    for (; i < whole; i += kLanes) {
      store(to + i, load(source + i));
    }
    for (; i < width; i += kLanes) {
      const Vector value = i < count ? loadPart(source + i, count - i) : Vector{};
      storePart(to + i, value, width - i < kLanes ? width - i : kLanes);
    }
  }
}

STRATA_END
