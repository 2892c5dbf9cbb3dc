// Convolutions of 3×3 filters without stride or dilation by Winograd's minimal filtering (conv/winograd-transform.h). Tiles
// of the images are transformed in blocks; in the transformed domain a convolution is α² products of matrices, one for each
// of the α × α elements of a tile.
#pragma once

#include "conv/tile-grid.h"
#include "matmul/tile.h"
#include "runtime/sizes.h"

namespace strata {
namespace STRATA_ISA {

/** α²: the elements of a transformed tile. */
STRATA_INLINE size_t elementsOf(const TileGrid& grid) { return (grid.tile + 2) * (grid.tile + 2); }

/** Transformed tiles: element e of channel c of tile t is data[e·pitch + t·stride + c]. */
struct TransformedTiles {
  float* data;
  size_t stride;
  size_t pitch;
};

/** The stride for so many channels: whole panels, and rows of a tile of a product that do not compete for a line of cache. */
STRATA_INLINE size_t tileStride(size_t channels) {
  const size_t stride = roundUp(paddedColumns(channels));
  return stride % 512 == 0 && stride > 0 ? stride + 16 : stride;
}

/** For `count` tiles; the elements of one tile do not compete for a line of cache either. */
STRATA_INLINE TransformedTiles transformedTiles(float* data, size_t channels, size_t count) {
  const size_t stride = tileStride(channels);
  return {data, stride, count * stride + 16};
}

/** The depth of one pass of a product over so many channels; evenly divided, since it decides how sums are rounded. */
STRATA_INLINE size_t passDepth(size_t channels) {
  constexpr size_t kDepth = 384;
  const size_t passes = (channels + kDepth - 1) / kDepth;
  return passes <= 1 ? channels : (channels + passes - 1) / passes;
}

/** Fails the call unless Winograd's algorithm covers the sizes, and the tile. */
void checkWinograd(Call& call, const ConvSizes& sizes, size_t tile);

/**
 * Bᵀ d B of `count` tiles from `first` on, read from images [batch, rows.sources, columns.sources, channels]; zeros lie around
 * them. `zeros` is `channels` of them.
 */
void transformInput(const TileGrid& grid, const float* images, size_t channels, size_t first, size_t count, const float* zeros,
                    const TransformedTiles& to);

/** A filter swept over images by Winograd's algorithm; as Sweep, but with results in one contiguous array. */
struct WinogradSweep {
  TileGrid grid;
  const float* source;
  size_t channels;
  /** Tap (t, u) from channel c to channel o is filter[(t·3 + u)·tapStride + c·channelStride + o]. */
  const float* filter;
  size_t tapStride;
  size_t channelStride;
  size_t outChannels;
  /** [batch, rows.outputs, columns.outputs, outChannels] */
  float* out;
  /** [outChannels], or null. */
  const float* bias;
  Activation activation;
};

/** Floats of scratch space for runWinograd. */
size_t winogradScratch(const WinogradSweep& sweep, size_t threads);

void runWinograd(Call& call, const WinogradSweep& sweep, float* scratch);

}  // namespace STRATA_ISA
}  // namespace strata
