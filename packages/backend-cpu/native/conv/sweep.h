// A filter swept over images: the common form of a convolution and of its gradient with respect to the input.
//
//   out(r, q, :) = activation(Σ over taps (t, u) source(row t of r, column u of q, :) · filter(t, u) + bias)
//
// with rows and columns as in Axis. Patches are read where they lie in the image: no matrix of patches and no padded copy
// is made. Outputs near an edge meet fewer taps; all outputs that meet the same taps form a rectangle, and tiles run along
// the rectangle's rows, or down its columns where it is narrow.
#pragma once

#include "conv/geometry.h"
#include "matmul/tile.h"

namespace strata {
namespace STRATA_ISA {

struct Sweep {
  size_t batch;
  Axis rows;
  Axis columns;
  /** [rows.sources, columns.sources, channels], the images sourceStride apart. */
  const float* source;
  size_t sourceStride;
  size_t channels;

  /** [rows.taps, columns.taps, channels] × outChannels, as panels of kTileColumns columns, the last a panelWidth. */
  const float* panels;
  size_t outChannels;

  /** Element (image, r, q, channel) at out[image·imageStride + r·rowStride + q·columnStride + channel]. */
  float* out;
  size_t imageStride;
  size_t rowStride;
  size_t columnStride;
  /** Null, or readable up to paddedColumns(outChannels). */
  const float* bias;
  Activation activation;
  /** Adds to `out` instead of overwriting it. */
  bool accumulate;
  /** Whether `out` is the call's result, all of it, in order. */
  bool isResult;

  STRATA_INLINE size_t depth() const { return rows.taps * columns.taps * channels; }
};

/** Floats that the panels of a sweep take, rounded up to whole cache lines. */
size_t panelFloats(const Sweep& sweep);

/** A filter [depth, outChannels] as the panels of a sweep. */
void packFilter(const float* filter, size_t depth, size_t outChannels, float* panels);

/**
 * A filter's taps of two phases, each turned to [outChannels, inChannels], as the panels of the sweep over dy; there must be
 * room for kPanelSlack floats more.
 */
void packPhase(const float* filter, const ConvSizes& sizes, const Phase& rows, const Phase& columns, float* panels);

/** The sweep over dy of two phases of a convolution's input gradient; its panels are to be set. */
Sweep phaseSweep(const ConvSizes& sizes, const Phase& rows, const Phase& columns, const float* dy, float* dx);

/** Bytes of scratch space for runSweep. */
size_t sweepScratch(const Sweep& sweep, int threads);

/** Runs the sweep on the pool's threads. */
void runSweep(Call& call, const Sweep& sweep, void* scratch);

}  // namespace STRATA_ISA
}  // namespace strata
