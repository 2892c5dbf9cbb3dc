// Filters as the panels of sweeps.
#include "conv/sweep.h"
#include "kernel.h"
#include "matmul/pack.h"
#include "runtime/sizes.h"

STRATA_BEGIN

size_t panelFloats(const Sweep& sweep) { return roundUp(sweep.depth() * paddedColumns(sweep.outChannels)); }

void packFilter(const float* filter, size_t depth, size_t outChannels, float* panels) {
  for (size_t channel = 0; channel < outChannels; channel += kTileColumns) {
    const size_t count = outChannels - channel < kTileColumns ? outChannels - channel : kTileColumns;
    packAlong(filter + channel, outChannels, count, depth, panels + channel * depth, panelWidth(count));
  }
}

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

Sweep phaseSweep(const ConvSizes& sizes, const Phase& rows, const Phase& columns, const float* dy, float* dx) {
  const size_t pitch = sizes.columns.sources * sizes.inChannels;
  return {sizes.batch,
          rows.axis,
          columns.axis,
          dy,
          sizes.rows.outputs * sizes.columns.outputs * sizes.outChannels,
          sizes.outChannels,
          nullptr,
          sizes.inChannels,
          dx + rows.input * pitch + columns.input * sizes.inChannels,
          sizes.rows.sources * pitch,
          sizes.rows.step * pitch,
          sizes.columns.step * sizes.inChannels,
          nullptr,
          Activation::linear,
          false,
          false};
}

STRATA_END
