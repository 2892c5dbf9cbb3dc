#include "matmul/pack.h"

#include "kernel.h"
#include "simd/transpose.h"

STRATA_BEGIN

void packAcross(const float* from, size_t stride, size_t count, size_t depth, float* panel, size_t width) {
  for (size_t k = 0; k < depth; k += kLanes) {
    const size_t depths = depth - k < kLanes ? depth - k : kLanes;
    for (size_t i = 0; i < width; i += kLanes) {
      const size_t rows = count < i ? 0 : (count - i < kLanes ? count - i : kLanes);
      const float* source = from + i * stride + k;
      float* to = panel + k * width + i;
      if (rows == kLanes && depths == kLanes) {
        turnSquare(source, stride, to, width);
      } else {
        turnPart(source, stride, rows, depths, to, width, width - i < kLanes ? width - i : kLanes);
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
