// A filter of one channel per channel swept over images: the common form of a depthwise convolution and of its gradient
// with respect to the input.
#pragma once

#include "conv/geometry.h"
#include "matmul/tile.h"

namespace strata {
namespace STRATA_ISA {

struct DepthwiseSweep {
  Axis rows;
  Axis columns;
  /** One image, [rows.sources, columns.sources, channels]. */
  const float* source;
  size_t channels;
  /** Tap (t, u) of channel c is filter[t·filterRow + u·filterColumn + c]. */
  const float* filter;
  ptrdiff_t filterRow;
  ptrdiff_t filterColumn;
  /** Element (r, q, c) is out[r·outRow + q·outColumn + c]. */
  float* out;
  size_t outRow;
  size_t outColumn;
  /** [channels], or null. */
  const float* bias;
  Activation activation;
};

/** Computes output rows [row, rowEnd), given the stretches of both axes. */
void sweepDepthwise(const DepthwiseSweep& sweep, size_t row, size_t rowEnd, const Stretch* rows, size_t rowStretches,
                    const Stretch* columns, size_t columnStretches);

/** Each channel `times` over: to[i·times + j] = from[i] for i < n. */
void repeatEach(const float* from, size_t n, size_t times, float* to);

}  // namespace STRATA_ISA
}  // namespace strata
