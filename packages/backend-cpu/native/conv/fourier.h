// Tables of the discrete Fourier transform of a power of two of values.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "runtime/sizes.h"

namespace strata {

struct FourierTables {
  /** A power of two, at least 4. */
  size_t size;
  /** cos(2πk/size), −sin(2πk/size) for k < size. */
  const float* twiddles;
  /** Transforms leave the frequencies in an order of their own; the place of the frequency opposite to that in place p. */
  const int32_t* mirror;
};

/** Floats that the tables take. */
constexpr size_t fourierTableFloats(size_t size) { return roundUp(3 * size); }

/** Writes the tables into `floats`. */
FourierTables makeFourierTables(size_t size, float* floats);

}  // namespace strata
