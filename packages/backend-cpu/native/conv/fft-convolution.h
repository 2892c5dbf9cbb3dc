// Convolutions without stride or dilation in the frequency domain, tile by tile (overlap-save). Two tiles are the real and the
// imaginary part of one complex transform: a real filter acts on both alike, and nothing need be taken apart.
#pragma once

#include "conv/fourier.h"
#include "conv/tile-grid.h"
#include "matmul/tile.h"
#include "runtime/sizes.h"

namespace strata {
namespace STRATA_ISA {

/** Transforms of some pairs of tiles: part 0 (real) or 1 of channel c of pair p is data[bin·pitch + (2·p + part)·stride + c]. */
struct Spectra {
  float* data;
  size_t stride;
  size_t pitch;
};

/** Whole panels, so that products need not distinguish the last one. */
STRATA_INLINE size_t spectrumStride(size_t channels) { return roundUp(paddedColumns(channels)); }

/** For `pairs` pairs; bins do not compete for a line of cache. */
STRATA_INLINE Spectra spectra(float* data, size_t channels, size_t pairs) {
  const size_t stride = spectrumStride(channels);
  return {data, stride, 2 * pairs * stride + 16};
}

/**
 * The square of an image that belongs to the tile at output (row, column): `extent` × `extent` values from (row + firstRow,
 * column + firstColumn) on, zeros where it leaves the image.
 */
struct Patches {
  /** [batch, height, width, channels] */
  const float* images;
  size_t height;
  size_t width;
  size_t channels;
  ptrdiff_t firstRow;
  ptrdiff_t firstColumn;
  size_t extent;
};

/** Vectors of a buffer for one two-dimensional transform and one line of it. */
STRATA_INLINE size_t bufferVectors(size_t size) { return size * (2 * size + 2) + 2 * size; }

/** Transforms kLanes channels from `channel` on of the tiles 2·pair and 2·pair + 1 into the spectra's pair `to`. */
void transformPatches(const FourierTables& tables, const TileGrid& grid, const Patches& patches, size_t pair, size_t channel,
                      const Spectra& spectra, size_t to, Vector* buffer);

/** Bins of half a spectrum: rows whose opposite is no earlier; the others follow from them. */
STRATA_INLINE size_t halfRows(size_t size) { return size / 2 + 1; }
/** Writes the rows of half a spectrum, halfRows(size) of them. */
void listHalfRows(const FourierTables& tables, int32_t* rows);

/** A filter swept over images in the frequency domain; as WinogradSweep. */
struct FourierSweep {
  /** The side of a transform; that of a tile is less by the taps but one. */
  size_t size;
  TileGrid grid;
  const float* source;
  size_t channels;
  /** Tap (t, u) from channel c to channel o is filter[(t·columns.taps + u)·tapStride + c·channelStride + o]. */
  const float* filter;
  size_t tapStride;
  size_t channelStride;
  size_t outChannels;
  float* out;
  const float* bias;
  Activation activation;
};

/** Floats of scratch space for runFourierSweep. */
size_t fourierSweepScratch(const FourierSweep& sweep, size_t threads);

void runFourierSweep(Call& call, const FourierSweep& sweep, float* scratch);

/** Fails the call unless a transform of this side can do the sizes: strides and dilations of 1, and room for all taps. */
void checkFourier(Call& call, const ConvSizes& sizes, size_t size);

}  // namespace STRATA_ISA
}  // namespace strata
