// conv2d(x, filter, bias | null, y, sizes, activation): y[n, r, q, :] = activation(Σ over taps (t, u)
//   x[n, r·stride + t·dilation − padTop, q·stride + u·dilation − padLeft, :] · filter[t, u] + bias), zeros around x.
// x [N, H, W, C], filter [kernelHeight, kernelWidth, C, O], bias [O], y [N, R, Q, O]; `sizes` as in conv/sizes.h,
// activations as in matmul.cc.
#include "conv/planar-sweep.h"
#include "conv/sweep.h"
#include "kernel.h"
#include "matmul/gemm.h"
#include "matmul/pack.h"

STRATA_BEGIN

STRATA_KERNEL(conv2d) {
  const ConvSizes sizes = readConvSizes(call, 4);
  const float* x = call.floats(0, sizes.inputs());
  const float* filter = call.floats(1, sizes.filters());
  const float* bias = call.has(2) ? call.floats(2, sizes.outChannels) : nullptr;
  float* y = call.floats(3, sizes.outputs());
  const size_t activation = call.size(5);
  if (call.failed() || sizes.outputs() == 0) {
    return;
  }
  const PlanarSweep planar = {sizes, false, 1, x, filter, y, bias, static_cast<Activation>(activation)};
  if (suitsPlanes(planar)) {
    runPlanarSweep(call, planar);
    return;
  }
  const size_t outChannels = sizes.outChannels;
  if (sizes.isPointwise()) {
    const size_t inChannels = sizes.inChannels;
    const Product product = {sizes.pixels(), outChannels, inChannels, x,           inChannels, 1,                 filter,
                             outChannels,    1,           y,          outChannels, bias,       planar.activation};
    multiply(call, product, 1, 0, 0);
    return;
  }
  const size_t pitch = sizes.columns.outputs * outChannels;
  Sweep sweep = {sizes.batch, sizes.rows, sizes.columns, x, sizes.rows.sources * sizes.columns.sources * sizes.inChannels,
                 sizes.inChannels, filter, outChannels, y, sizes.rows.outputs * pitch, pitch, outChannels, bias,
                 planar.activation, false, true};

  // A filter of one whole panel's width is a panel as it lies.
  const size_t padded = paddedColumns(outChannels);
  const bool isPanel = padded == outChannels && padded <= kTileColumns;
  const size_t filterFloats = isPanel ? 0 : panelFloats(sweep);
  const size_t biasFloats = bias == nullptr || padded == outChannels ? 0 : padded;
  const size_t bytes = (filterFloats + biasFloats) * sizeof(float) + sweepScratch(sweep, call.threads());
  float* panels = static_cast<float*>(call.scratch(bytes));
  if (call.failed()) {
    return;
  }
  if (biasFloats > 0) {
    packAlong(bias, 0, outChannels, 1, panels + filterFloats, padded);
    sweep.bias = panels + filterFloats;
  }
  if (!isPanel) {
    packFilter(filter, sweep.depth(), outChannels, panels);
    sweep.panels = panels;
  }
  runSweep(call, sweep, panels + filterFloats + biasFloats);
}

STRATA_END
