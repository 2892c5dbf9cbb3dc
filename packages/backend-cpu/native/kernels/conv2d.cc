// conv2d(x, filter, bias | null, y, sizes, activation): y[n, r, q, :] = activation(Σ over taps (t, u)
//   x[n, r·stride + t·dilation − padTop, q·stride + u·dilation − padLeft, :] · filter[t, u] + bias), zeros around x.
// x [N, H, W, C], filter [kernelHeight, kernelWidth, C, O], bias [O], y [N, R, Q, O]; `sizes` as in conv/sizes.h,
// activations as in matmul.cc.
#include "conv/sweep.h"
#include "kernel.h"
#include "matmul/pack.h"

STRATA_BEGIN

namespace {

/** An axis of 1×1 filters, where every output sees its own input: rows and columns can be taken as one axis. */
bool isPointwise(const Axis& axis) {
  return axis.taps == 1 && axis.step == 1 && axis.first == 0 && axis.outputs == axis.sources;
}

size_t roundUp(size_t value) { return (value + 15) / 16 * 16; }

}  // namespace

STRATA_KERNEL(conv2d) {
  ConvSizes sizes = readConvSizes(call, 4);
  const float* x = call.floats(0, sizes.inputs());
  const float* filter = call.floats(1, sizes.filters());
  const float* bias = call.has(2) ? call.floats(2, sizes.outChannels) : nullptr;
  float* y = call.floats(3, sizes.outputs());
  const size_t activation = call.size(5);
  if (call.failed() || sizes.outputs() == 0) {
    return;
  }
  if (isPointwise(sizes.rows) && isPointwise(sizes.columns)) {
    sizes.columns.sources = sizes.columns.outputs = sizes.rows.sources * sizes.columns.sources;
    sizes.rows.sources = sizes.rows.outputs = 1;
  }
  const size_t outChannels = sizes.outChannels;
  const size_t pitch = sizes.columns.outputs * outChannels;
  Sweep sweep = {sizes.batch, sizes.rows, sizes.columns, x, sizes.inChannels, filter, outChannels, y,
                 sizes.rows.outputs * pitch, pitch, outChannels, bias, static_cast<Activation>(activation)};

  // A filter of one whole panel's width is a panel as it lies.
  const size_t padded = paddedColumns(outChannels);
  const bool isPanel = padded == outChannels && padded <= kTileColumns;
  const size_t panelFloats = isPanel ? 0 : roundUp(sweep.depth() * padded);
  const size_t biasFloats = bias == nullptr || padded == outChannels ? 0 : roundUp(padded);
  const size_t bytes = (panelFloats + biasFloats) * sizeof(float) + sweepScratch(sweep, call.threads());
  float* panels = static_cast<float*>(call.scratch(bytes));
  if (call.failed()) {
    return;
  }
  if (biasFloats > 0) {
    packAlong(bias, 0, outChannels, 1, panels + panelFloats, padded);
    sweep.bias = panels + panelFloats;
  }
  if (!isPanel) {
    for (size_t channel = 0; channel < outChannels; channel += kTileColumns) {
      const size_t count = outChannels - channel < kTileColumns ? outChannels - channel : kTileColumns;
      packAlong(filter + channel, outChannels, count, sweep.depth(), panels + channel * sweep.depth(),
                panelWidth(count));
    }
    sweep.panels = panels;
  }
  runSweep(call, sweep, panels + panelFloats + biasFloats);
}

STRATA_END
