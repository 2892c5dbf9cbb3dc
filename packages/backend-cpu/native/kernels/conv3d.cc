// conv3d(x, filter, bias | null, y, sizes): conv2d with one more axis, y[n, p, r, q, :] = Σ over taps (s, t, u)
//   x[n, p·stride + s·dilation − padFront, r·stride + …, q·stride + …, :] · filter[s, t, u] + bias, zeros around x.
// x [N, D, H, W, C], filter [kernelDepth, kernelHeight, kernelWidth, C, O], bias [O], y [N, P, R, Q, O]; `sizes` as
// readVolumeSizes takes them.
#include "conv/volume-sweep.h"
#include "kernel.h"
#include "matmul/pack.h"

STRATA_BEGIN

STRATA_KERNEL(conv3d) {
  const VolumeSizes sizes = readVolumeSizes(call, 4);
  const ConvSizes& frame = sizes.frame;
  const float* x = call.floats(0, sizes.inputs());
  const float* filter = call.floats(1, sizes.filters());
  const float* bias = call.has(2) ? call.floats(2, frame.outChannels) : nullptr;
  float* y = call.floats(3, sizes.outputs());
  if (call.failed() || sizes.outputs() == 0) {
    return;
  }
  const size_t pitch = frame.columns.outputs * frame.outChannels;
  const size_t outFrame = frame.rows.outputs * pitch;
  VolumeSweep sweep = {};
  sweep.frame.rows = frame.rows;
  sweep.frame.columns = frame.columns;
  sweep.frame.channels = frame.inChannels;
  sweep.frame.outChannels = frame.outChannels;
  sweep.frame.rowStride = pitch;
  sweep.frame.columnStride = frame.outChannels;
  sweep.frame.activation = Activation::linear;
  sweep.batch = frame.batch;
  sweep.depths = sizes.depths;
  sweep.source = x;
  sweep.sourceFrame = frame.rows.sources * frame.columns.sources * frame.inChannels;
  sweep.tapFloats = panelFloats(sweep.frame);
  sweep.out = y;
  sweep.outFrame = outFrame;
  sweep.outVolume = sizes.depths.outputs * outFrame;

  const size_t biasFloats = bias == nullptr ? 0 : paddedColumns(frame.outChannels);
  const size_t floats = sizes.depths.taps * sweep.tapFloats + biasFloats;
  float* panels =
      static_cast<float*>(call.scratch(floats * sizeof(float) + sweepScratch(sweep.frame, call.threads())));
  if (call.failed()) {
    return;
  }
  for (size_t tap = 0; tap < sizes.depths.taps; ++tap) {
    packFilter(filter + tap * frame.filters(), sweep.frame.depth(), frame.outChannels, panels + tap * sweep.tapFloats);
  }
  sweep.panels = panels;
  if (bias != nullptr) {
    float* padded = panels + sizes.depths.taps * sweep.tapFloats;
    packAlong(bias, 0, frame.outChannels, 1, padded, biasFloats);
    sweep.frame.bias = padded;
  }
  runVolumeSweep(call, sweep, panels + floats);
}

STRATA_END
