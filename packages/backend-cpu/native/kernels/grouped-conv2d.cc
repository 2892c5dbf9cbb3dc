// groupedConv2d(x, filter, bias | null, y, sizes, groups, activation): conv2d with the channels in groups, each of which meets
// its own outputs alone:
//   y[n, r, q, g·O/G + o] = activation(Σ over taps (t, u), c < C/G
//     x[n, r·stride + t·dilation − padTop, …, g·C/G + c] · filter[t, u, c, g·O/G + o] + bias[g·O/G + o])
// x [N, H, W, C], filter [kernelHeight, kernelWidth, C/G, O], bias [O], y [N, R, Q, O]; `sizes` as in conv/geometry.h,
// activations as in matmul.cc.
#include "conv/planar-sweep.h"
#include "kernel.h"

STRATA_BEGIN

STRATA_KERNEL(groupedConv2d) {
  const ConvSizes sizes = readConvSizes(call, 4);
  const size_t groups = readGroups(call, 5, sizes);
  const float* x = call.floats(0, sizes.inputs());
  const float* filter = call.floats(1, sizes.filters() / groups);
  const float* bias = call.has(2) ? call.floats(2, sizes.outChannels) : nullptr;
  float* y = call.floats(3, sizes.outputs());
  const size_t activation = call.size(6);
  if (call.failed() || sizes.outputs() == 0) {
    return;
  }
  runPlanarSweep(call, {sizes, false, groups, x, filter, y, bias, static_cast<Activation>(activation)});
}

STRATA_END
