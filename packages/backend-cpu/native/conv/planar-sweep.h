// A filter swept over planes: what sweep.h computes, for few channels at a time, and for groups of channels.
//
//   out(r, q, o) = activation(Σ over taps (t, u), channels c of o's group
//                             source(row t of r, column u of q, c) · filter(group, t, u, c, o) + bias(o))
//
// A tile's rows are output channels and its columns output pixels, from a row of outputs into the next: what it computes
// between the rows is thrown away. The results, planes themselves, are turned into an image again.
#pragma once

#include "conv/geometry.h"
#include "matmul/tile.h"

namespace strata {
namespace STRATA_ISA {

struct PlanarSweep {
  const ConvSizes& sizes;
  /** Of the input: `source` is then dy, and `out` dx. */
  bool gradient;
  size_t groups;
  const float* source;
  /** [kernelHeight, kernelWidth, C/G, O] */
  const float* filter;
  float* out;
  /** [O], or null. */
  const float* bias;
  Activation activation;

  size_t channels() const { return gradient ? sizes.outChannels : sizes.inChannels; }
  size_t outChannels() const { return gradient ? sizes.inChannels : sizes.outChannels; }
  size_t outRows() const { return gradient ? sizes.rows.sources : sizes.rows.outputs; }
  size_t outColumns() const { return gradient ? sizes.columns.sources : sizes.columns.outputs; }
  size_t taps() const { return sizes.rows.taps * sizes.columns.taps; }
};

/** Whether planes are faster than tiles over NHWC for a sweep of one group; a function of the sizes alone. */
bool suitsPlanes(const PlanarSweep& sweep);

/** Runs a sweep that has outputs on the pool's threads. Takes the call's scratch space. */
void runPlanarSweep(Call& call, const PlanarSweep& sweep);

}  // namespace STRATA_ISA
}  // namespace strata
