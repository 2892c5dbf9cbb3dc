// Some channels of an image as planes: each channel's pixels side by side, where an image [rows, columns, channels] has each
// pixel's channels side by side. Tiles of few channels are low or narrow; over planes they are as wide as vectors, along the
// pixels, however few the channels.
//
// Zeros lie around the image as far as a filter reaches. Rows and columns that lie a stride apart are together, in a plane of
// their own (a phase): whatever the stride and the dilation, neighbouring outputs meet neighbouring elements of a plane
// through every tap.
#pragma once

#include "conv/geometry.h"
#include "simd/vector.h"

namespace strata {
namespace STRATA_ISA {

/** One way of a filter's taps along an axis of the source: tap t of the way is the filter's tap + t·tapStep. */
struct TapWay {
  Axis axis;
  ptrdiff_t tap;
  ptrdiff_t tapStep;
  /** Output o of the way is the result's output first + o·step. */
  size_t first;
  size_t step;
};

/** How many ways there are along an axis: one over the image, and for a gradient one for every phase of the stride. */
STRATA_INLINE size_t waysAlong(const Axis& axis, bool gradient) { return gradient ? axis.step : 1; }

TapWay wayAlong(const Axis& axis, bool gradient, size_t index);

/** One axis of the planes that all ways along an axis of an image need. */
struct PlaneAxis {
  size_t sources;
  size_t step;
  /** The source of the first position; negative ones are zeros. */
  ptrdiff_t first;
  /** How far the last tap of any way lies from the first one, in sources. */
  size_t reach;
  /** Positions of a phase, and phases that a tap meets. */
  size_t length;
  size_t phases;
};

/** For up to `outputs` outputs of a way at a time. */
PlaneAxis planeAxis(const Axis& axis, bool gradient, size_t outputs);

struct Planes {
  PlaneAxis rows;
  PlaneAxis columns;
  /** Floats from a channel to the next: with room for what a tile reads beyond the last element. */
  size_t channel;

  STRATA_INLINE size_t pitch() const { return columns.length; }
  /** Where the output (0, 0) meets a channel through the taps `row` and `column` sources away from the first. */
  STRATA_INLINE size_t offset(size_t row, size_t column) const {
    const size_t phase = row % rows.step * columns.phases + column % columns.step;
    return (phase * rows.length + row / rows.step) * pitch() + column / columns.step;
  }
};

Planes planesOf(const PlaneAxis& rows, const PlaneAxis& columns);

/** Copies `channels` channels of an image of `pixel` channels, for the outputs from row `output` on. */
void fillPlanes(const Planes& planes, const float* image, size_t pixel, size_t channels, size_t output, float* to);

/** to[d·toStride + i] = from[i·fromStride + d] for i < count, d < depth. */
void turn(const float* from, size_t fromStride, size_t count, size_t depth, float* to, size_t toStride);

}  // namespace STRATA_ISA
}  // namespace strata
