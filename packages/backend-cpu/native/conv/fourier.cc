#include "conv/fourier.h"

#include <math.h>

namespace strata {

namespace {

/** The frequency in a place of a transform of n values: fourths of it hold every fourth frequency (fourier-lanes.h). */
size_t frequencyAt(size_t place, size_t n) {
  if (n <= 2) {
    return place;
  }
  const size_t quarter = n / 4;
  return 4 * frequencyAt(place % quarter, quarter) + place / quarter;
}

}  // namespace

FourierTables makeFourierTables(size_t size, float* floats) {
  constexpr double kTurn = 6.283185307179586476925;
  int32_t* const mirror = reinterpret_cast<int32_t*>(floats + 2 * size);
  for (size_t k = 0; k < size; ++k) {
    const double angle = kTurn * static_cast<double>(k) / static_cast<double>(size);
    floats[2 * k] = static_cast<float>(cos(angle));
    floats[2 * k + 1] = static_cast<float>(-sin(angle));
    for (size_t other = 0; other < size; ++other) {
      if ((frequencyAt(k, size) + frequencyAt(other, size)) % size == 0) {
        mirror[k] = static_cast<int32_t>(other);
      }
    }
  }
  return {size, floats, mirror};
}

}  // namespace strata
