// The filter by which a convolution's gradient with respect to its input is a convolution of dy: the taps in reverse order,
// each turned to [outChannels, inChannels].
#pragma once

#include "conv/geometry.h"
#include "matmul/pack.h"
#include "runtime/sizes.h"

namespace strata {
namespace STRATA_ISA {

struct TurnedFilter {
  /** From one row of a tap to the next, and from one tap to the next. */
  size_t width;
  size_t tapStride;
  size_t taps;

  STRATA_INLINE explicit TurnedFilter(const ConvSizes& sizes)
      : width(roundUp(sizes.inChannels)),
        tapStride(sizes.outChannels * width),
        taps(sizes.rows.taps * sizes.columns.taps) {}

  STRATA_INLINE size_t floats() const { return roundUp(taps * tapStride + kPanelSlack); }

  /** Writes it into `to`, which has room for floats(). */
  STRATA_INLINE void write(const float* filter, const ConvSizes& sizes, float* to) const {
    for (size_t tap = 0; tap < taps; ++tap) {
      packAcross(filter + (taps - 1 - tap) * sizes.inChannels * sizes.outChannels, sizes.outChannels, sizes.inChannels,
                 sizes.outChannels, to + tap * tapStride, width);
    }
  }
};

}  // namespace STRATA_ISA
}  // namespace strata
