// Rows of complex numbers, real and imaginary parts apart, in and out of the lanes in which fourier-lanes.h transforms them.
#pragma once

#include "conv/fourier-lanes.h"
#include "simd/transpose.h"

namespace strata {
namespace STRATA_ISA {

struct ComplexRows {
  const float* re;
  const float* im;
};
struct ComplexResult {
  float* re;
  float* im;
};

STRATA_INLINE bool isPowerOfTwo(size_t n) { return n != 0 && (n & (n - 1)) == 0; }

/** Vectors that hold n complex numbers a lane. */
STRATA_INLINE size_t lineVectors(size_t n) { return 2 * n; }

/** x[2k + part] = element k of `count` rows that lie `pitch` apart, one in each lane; zeros in the other lanes. */
STRATA_INLINE void enterLanes(const float* from, size_t pitch, size_t count, size_t n, Vector* x, size_t part) {
  float* const to = reinterpret_cast<float*>(x + part);
  size_t k = 0;
  for (; count == kLanes && k + kLanes <= n; k += kLanes) {
    turnSquare(from + k, pitch, to + 2 * k * kLanes, 2 * kLanes);
  }
  for (; k < n; k += kLanes) {
    turnPart(from + k, pitch, count, n - k < kLanes ? n - k : kLanes, to + 2 * k * kLanes, 2 * kLanes, kLanes);
  }
}

/** Element k of the rows = at(k), a vector of one element a lane. */
template <typename Function>
STRATA_INLINE void leaveLanes(float* to, size_t pitch, size_t count, size_t n, Function at) {
  for (size_t k = 0; k < n; k += kLanes) {
    const size_t depth = n - k < kLanes ? n - k : kLanes;
    Vector square[kLanes];
    for (size_t i = 0; i < kLanes; ++i) {
      square[i] = i < depth ? at(k + i) : Vector{};
    }
    transpose(square);
    for (size_t row = 0; row < count; ++row) {
      storePart(to + row * pitch + k, square[row], depth);
    }
  }
}

/** Arguments (twiddles, places) of a transform of n values: see src/kernels/fourier-plan.ts. */
struct LaneTables {
  FourierTables fourier;
  /** Where fourierForward leaves each frequency. */
  const int32_t* places;
};

STRATA_INLINE LaneTables readTables(Call& call, int index, size_t n) {
  const float* twiddles = call.floats(index, 2 * n);
  const int32_t* places = call.ints(index + 1, n);
  if (!call.failed()) {
    bool outside = !isPowerOfTwo(n);
    for (size_t k = 0; k < n; ++k) {
      outside |= places[k] < 0 || static_cast<size_t>(places[k]) >= n;
    }
    if (outside) {
      call.fail("STRATA_BAD_ARGUMENT", "tables of a transform of %zu values", n);
    }
  }
  return {{n, twiddles, nullptr}, places};
}

/** As many groups of rows as make a piece of work. */
STRATA_INLINE size_t fourierGrain(size_t n) { return n >= 512 ? 1 : 512 / (n + 1) + 1; }

}  // namespace STRATA_ISA
}  // namespace strata
