// conv3dBackpropInput(dy, filter, dx, sizes): the gradient of conv3d with respect to its input: conv2dBackpropInput with one
// more axis. Every phase of the strides is a sweep of volumes.
#include "conv/volume-sweep.h"
#include "kernel.h"
#include "matmul/pack.h"

STRATA_BEGIN

STRATA_KERNEL(conv3dBackpropInput) {
  const VolumeSizes sizes = readVolumeSizes(call, 3);
  const ConvSizes& frame = sizes.frame;
  const float* dy = call.floats(0, sizes.outputs());
  const float* filter = call.floats(1, sizes.filters());
  float* dx = call.floats(2, sizes.inputs());
  if (call.failed() || sizes.inputs() == 0) {
    return;
  }
  const size_t inFrame = frame.rows.sources * frame.columns.sources * frame.inChannels;
  const auto sweepOf = [&](const Phase& depths, const Phase& rows, const Phase& columns) {
    VolumeSweep sweep = {};
    sweep.frame = phaseSweep(frame, rows, columns, dy, dx);
    sweep.batch = frame.batch;
    sweep.depths = depths.axis;
    sweep.source = dy;
    sweep.sourceFrame = sweep.frame.sourceStride;
    sweep.tapFloats = panelFloats(sweep.frame);
    sweep.out = sweep.frame.out + depths.input * inFrame;
    sweep.outFrame = sizes.depths.step * inFrame;
    sweep.outVolume = sizes.depths.sources * inFrame;
    return sweep;
  };
  const auto forEachPhase = [&](auto&& visit) {
    for (size_t o = 0; o < sizes.depths.step; ++o) {
      for (size_t p = 0; p < frame.rows.step; ++p) {
        for (size_t q = 0; q < frame.columns.step; ++q) {
          visit(phaseOf(sizes.depths, o), phaseOf(frame.rows, p), phaseOf(frame.columns, q));
        }
      }
    }
  };
  size_t floats = 0;
  size_t sweepBytes = 0;
  forEachPhase([&](const Phase& depths, const Phase& rows, const Phase& columns) {
    const VolumeSweep sweep = sweepOf(depths, rows, columns);
    const size_t own = depths.axis.taps * sweep.tapFloats + kPanelSlack;
    const size_t bytes = sweepScratch(sweep.frame, call.threads());
    floats = own > floats ? own : floats;
    sweepBytes = bytes > sweepBytes ? bytes : sweepBytes;
  });
  float* panels = static_cast<float*>(call.scratch(floats * sizeof(float) + sweepBytes));
  if (call.failed()) {
    return;
  }
  forEachPhase([&](const Phase& depths, const Phase& rows, const Phase& columns) {
    VolumeSweep sweep = sweepOf(depths, rows, columns);
    for (size_t s = 0; s < depths.axis.taps; ++s) {
      const size_t tap = depths.tap - s * depths.tapStep;
      packPhase(filter + tap * frame.filters(), frame, rows, columns, panels + s * sweep.tapFloats);
    }
    sweep.panels = panels;
    runVolumeSweep(call, sweep, panels + floats);
  });
}

STRATA_END
