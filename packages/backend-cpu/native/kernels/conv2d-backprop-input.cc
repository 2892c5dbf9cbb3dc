// conv2dBackpropInput(dy, filter, dx, sizes): the gradient of conv2d with respect to its input,
//   dx[n, h, w, :] = Σ over taps (t, u) and outputs (r, q) that read (h, w) through them: filter[t, u] · dy[n, r, q, :].
// Inputs that lie the same distance from a multiple of the stride are read through the same taps: each such phase is a
// sweep of some of the taps, in reverse order, over dy, without any stride.
#include "conv/sweep.h"
#include "kernel.h"
#include "matmul/pack.h"

STRATA_BEGIN

namespace {

size_t roundUp(size_t value) { return (value + 15) / 16 * 16; }

/** The filter's taps of a phase, each turned to [outChannels, inChannels], as the panels of a sweep. */
void packPhase(const float* filter, const ConvSizes& sizes, const Phase& rows, const Phase& columns, float* panels) {
  const size_t inChannels = sizes.inChannels;
  const size_t outChannels = sizes.outChannels;
  for (size_t channel = 0; channel < inChannels; channel += kTileColumns) {
    const size_t count = inChannels - channel < kTileColumns ? inChannels - channel : kTileColumns;
    const size_t width = panelWidth(count);
    float* panel = panels + channel * rows.axis.taps * columns.axis.taps * outChannels;
    for (size_t t = 0; t < rows.axis.taps; ++t) {
      for (size_t u = 0; u < columns.axis.taps; ++u) {
        const size_t tap = (rows.tap - t * rows.tapStep) * sizes.columns.taps + columns.tap - u * columns.tapStep;
        packAcross(filter + (tap * inChannels + channel) * outChannels, outChannels, count, outChannels, panel, width);
        panel += outChannels * width;
      }
    }
  }
}

}  // namespace

STRATA_KERNEL(conv2dBackpropInput) {
  const ConvSizes sizes = readConvSizes(call, 3);
  const float* dy = call.floats(0, sizes.outputs());
  const float* filter = call.floats(1, sizes.filters());
  float* dx = call.floats(2, sizes.inputs());
  if (call.failed() || sizes.inputs() == 0) {
    return;
  }
  const size_t inChannels = sizes.inChannels;
  const size_t pitch = sizes.columns.sources * inChannels;
  const auto sweepOf = [&](const Phase& rows, const Phase& columns) {
    return Sweep{sizes.batch,
                 rows.axis,
                 columns.axis,
                 dy,
                 sizes.outChannels,
                 nullptr,
                 inChannels,
                 dx + rows.input * pitch + columns.input * inChannels,
                 sizes.rows.sources * pitch,
                 sizes.rows.step * pitch,
                 sizes.columns.step * inChannels,
                 nullptr,
                 Activation::linear};
  };
  const auto forEachPhase = [&](auto&& visit) {
    for (size_t p = 0; p < sizes.rows.step; ++p) {
      for (size_t q = 0; q < sizes.columns.step; ++q) {
        visit(phaseOf(sizes.rows, p), phaseOf(sizes.columns, q));
      }
    }
  };

  size_t panelFloats = 0;
  size_t sweepBytes = 0;
  forEachPhase([&](const Phase& rows, const Phase& columns) {
    const Sweep sweep = sweepOf(rows, columns);
    const size_t floats = roundUp(sweep.depth() * paddedColumns(inChannels)) + kPanelSlack;
    const size_t bytes = sweepScratch(sweep, call.threads());
    panelFloats = floats > panelFloats ? floats : panelFloats;
    sweepBytes = bytes > sweepBytes ? bytes : sweepBytes;
  });
  float* panels = static_cast<float*>(call.scratch(panelFloats * sizeof(float) + sweepBytes));
  if (call.failed()) {
    return;
  }
  forEachPhase([&](const Phase& rows, const Phase& columns) {
    packPhase(filter, sizes, rows, columns, panels);
    Sweep sweep = sweepOf(rows, columns);
    sweep.panels = panels;
    runSweep(call, sweep, panels + panelFloats);
  });
}

STRATA_END
