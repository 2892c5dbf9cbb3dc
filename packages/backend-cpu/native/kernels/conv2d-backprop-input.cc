// conv2dBackpropInput(dy, filter, dx, sizes, bias | null): the gradient of conv2d with respect to its input,
//   dx[n, h, w, :] = Σ over taps (t, u) and outputs (r, q) that read (h, w) through them: filter[t, u] · dy[n, r, q, :],
// and bias [C], if there is one, which a transposed convolution adds.
// Inputs that lie the same distance from a multiple of the stride are read through the same taps: each such phase is a
// sweep of some of the taps, in reverse order, over dy, without any stride. Few channels are swept over planes.
#include "conv/planar-sweep.h"
#include "conv/sweep.h"
#include "kernel.h"
#include "matmul/gemm.h"
#include "matmul/pack.h"

STRATA_BEGIN

STRATA_KERNEL(conv2dBackpropInput) {
  const ConvSizes sizes = readConvSizes(call, 3);
  const float* dy = call.floats(0, sizes.outputs());
  const float* filter = call.floats(1, sizes.filters());
  float* dx = call.floats(2, sizes.inputs());
  const float* bias = call.has(4) ? call.floats(4, sizes.inChannels) : nullptr;
  if (call.failed() || sizes.inputs() == 0) {
    return;
  }
  const PlanarSweep planar = {sizes, true, 1, dy, filter, dx, bias, Activation::linear};
  if (suitsPlanes(planar)) {
    runPlanarSweep(call, planar);
    return;
  }
  const size_t inChannels = sizes.inChannels;
  if (sizes.isPointwise()) {
    const size_t outChannels = sizes.outChannels;
    const Product product = {sizes.pixels(), inChannels,  outChannels, dy,         outChannels, 1,                 filter,
                             1,              outChannels, dx,          inChannels, bias,        Activation::linear};
    multiply(call, product, 1, 0, 0);
    return;
  }
  const auto forEachPhase = [&](auto&& visit) {
    for (size_t p = 0; p < sizes.rows.step; ++p) {
      for (size_t q = 0; q < sizes.columns.step; ++q) {
        visit(phaseOf(sizes.rows, p), phaseOf(sizes.columns, q));
      }
    }
  };

  size_t floats = 0;
  size_t sweepBytes = 0;
  forEachPhase([&](const Phase& rows, const Phase& columns) {
    const Sweep sweep = phaseSweep(sizes, rows, columns, dy, dx);
    const size_t own = panelFloats(sweep) + kPanelSlack;
    const size_t bytes = sweepScratch(sweep, call.threads());
    floats = own > floats ? own : floats;
    sweepBytes = bytes > sweepBytes ? bytes : sweepBytes;
  });
  const size_t biasFloats = bias == nullptr ? 0 : paddedColumns(inChannels);
  float* panels = static_cast<float*>(call.scratch((floats + biasFloats) * sizeof(float) + sweepBytes));
  if (call.failed()) {
    return;
  }
  float* const padded = panels + floats;
  if (bias != nullptr) {
    packAlong(bias, 0, inChannels, 1, padded, biasFloats);
  }
  forEachPhase([&](const Phase& rows, const Phase& columns) {
    packPhase(filter, sizes, rows, columns, panels);
    Sweep sweep = phaseSweep(sizes, rows, columns, dy, dx);
    sweep.panels = panels;
    sweep.isResult = sizes.rows.step == 1 && sizes.columns.step == 1;
    sweep.bias = bias == nullptr ? nullptr : padded;
    runSweep(call, sweep, padded + biasFloats);
  });
}

STRATA_END
