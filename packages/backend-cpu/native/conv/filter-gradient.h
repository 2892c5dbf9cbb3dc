// The gradient of a convolution with respect to its filter, unit by unit: a unit is one row of the filter's taps × one panel
// of its output channels.
#pragma once

#include "conv/geometry.h"
#include "matmul/tile.h"

namespace strata {
namespace STRATA_ISA {

/** Some images, or some output rows of one. */
struct Block {
  size_t image;
  size_t images;
  size_t row;
  size_t rows;
};

/** Chunks consist of blocks, one after the other. */
struct FilterPlan {
  size_t imagesPerBlock;
  size_t rowsPerBlock;
  size_t blocks;
  size_t blocksPerChunk;
  size_t chunks;
  /**
   * Columns of the last panel when it is narrower than a tile reads, else 0. Beyond them lies the next output, whose values
   * do no harm; but nothing lies beyond the last one, so the last block reads a copy.
   */
  size_t tail;
};

/** The order of the sums, a function of the sizes alone. */
FilterPlan planFilter(const ConvSizes& sizes);

struct FilterGradient {
  const ConvSizes& sizes;
  const FilterPlan& plan;
  const float* x;
  const float* dy;
  const Stretch* rows;
  size_t rowStretches;
  const Stretch* columns;
  size_t columnStretches;
};

/** What a thread works with. */
struct FilterWorkspace {
  /** The last panel of a block's dy, copied. */
  float* tail;
  /** A row of taps × a panel of channels of the filter's gradient: [columns.taps · inChannels, panelWidth]. */
  float* unit;
  Segment* segments;
};

/** What a workspace takes. */
struct WorkspaceSizes {
  size_t tailFloats;
  size_t unitFloats;
  size_t segments;
};
WorkspaceSizes workspaceSizes(const ConvSizes& sizes, const FilterPlan& plan);

/** Computes the unit of tap row `tap` and of channels from `channel` on, of one chunk's partial sum. */
void addChunk(const FilterGradient& gradient, size_t chunk, size_t tap, size_t channel, float* sum,
              const FilterWorkspace& workspace);

/**
 * Computes the whole gradient of some images as one chunk: blocks as in `plan`, which was made for as many images or more, are
 * added one after the other.
 */
void filterGradient(const ConvSizes& sizes, const FilterPlan& plan, const float* x, const float* dy, const Stretch* rows,
                    size_t rowStretches, const Stretch* columns, size_t columnStretches, float* sum,
                    const FilterWorkspace& workspace);

}  // namespace STRATA_ISA
}  // namespace strata
