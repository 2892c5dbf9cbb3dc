// groupedConv2dBackpropInput(dy, filter, dx, sizes, groups, bias | null): the gradient of groupedConv2d with respect to its input,
//   dx[n, h, w, g·C/G + c] = Σ over taps (t, u) and outputs (r, q) that read (h, w) through them, o < O/G:
//     filter[t, u, c, g·O/G + o] · dy[n, r, q, g·O/G + o],
// and bias [C], if there is one. A sweep over dy for every phase, as in conv2dBackpropInput.
#include "conv/planar-sweep.h"
#include "kernel.h"

STRATA_BEGIN

STRATA_KERNEL(groupedConv2dBackpropInput) {
  const ConvSizes sizes = readConvSizes(call, 3);
  const size_t groups = readGroups(call, 4, sizes);
  const float* dy = call.floats(0, sizes.outputs());
  const float* filter = call.floats(1, sizes.filters() / groups);
  float* dx = call.floats(2, sizes.inputs());
  const float* bias = call.has(5) ? call.floats(5, sizes.inChannels) : nullptr;
  if (call.failed() || sizes.inputs() == 0) {
    return;
  }
  runPlanarSweep(call, {sizes, true, groups, dy, filter, dx, bias, Activation::linear});
}

STRATA_END
