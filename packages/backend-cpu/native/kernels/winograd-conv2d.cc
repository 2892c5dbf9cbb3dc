// Convolution with 3×3 filters, without stride or dilation, and its input's gradient, by Winograd's F(tile×tile, 3×3); `tile`
// is 2 or 4. Otherwise as the kernels without the prefix.
//   winogradConv2d(x, filter, bias | null, y, sizes, activation, tile)
//   winogradConv2dBackpropInput(dy, filter, dx, sizes, tile)
// What is not finite spreads over its tile. Without input channels the result is the bias.
#include "conv/turned-filter.h"
#include "conv/winograd.h"
#include "kernel.h"

STRATA_BEGIN

STRATA_KERNEL(winogradConv2d) {
  const ConvSizes sizes = readConvSizes(call, 4);
  const size_t activation = call.size(5);
  const size_t tile = call.size(6);
  checkWinograd(call, sizes, tile);
  const size_t taps = sizes.inChannels * sizes.outChannels;
  const WinogradSweep sweep = {{sizes.batch, sizes.rows, sizes.columns, tile},
                               call.floats(0, sizes.inputs()),
                               sizes.inChannels,
                               call.floats(1, sizes.filters()),
                               taps,
                               sizes.outChannels,
                               sizes.outChannels,
                               call.floats(3, sizes.outputs()),
                               call.has(2) ? call.floats(2, sizes.outChannels) : nullptr,
                               static_cast<Activation>(activation)};
  if (call.failed() || sizes.outputs() == 0) {
    return;
  }
  const size_t floats = winogradScratch(sweep, static_cast<size_t>(call.threads()));
  float* scratch = static_cast<float*>(call.scratch(floats * sizeof(float)));
  if (!call.failed()) {
    runWinograd(call, sweep, scratch);
  }
}

STRATA_KERNEL(winogradConv2dBackpropInput) {
  const ConvSizes sizes = readConvSizes(call, 3);
  const size_t tile = call.size(4);
  checkWinograd(call, sizes, tile);
  const float* dy = call.floats(0, sizes.outputs());
  const float* filter = call.floats(1, sizes.filters());
  float* dx = call.floats(2, sizes.inputs());
  if (call.failed() || sizes.inputs() == 0) {
    return;
  }
  const TurnedFilter turned(sizes);
  WinogradSweep sweep = {{sizes.batch, phaseOf(sizes.rows, 0).axis, phaseOf(sizes.columns, 0).axis, tile},
                         dy,
                         sizes.outChannels,
                         nullptr,
                         turned.tapStride,
                         turned.width,
                         sizes.inChannels,
                         dx,
                         nullptr,
                         Activation::linear};
  const size_t floats = turned.floats() + winogradScratch(sweep, static_cast<size_t>(call.threads()));
  float* const scratch = static_cast<float*>(call.scratch(floats * sizeof(float)));
  if (call.failed()) {
    return;
  }
  turned.write(filter, sizes, scratch);
  sweep.filter = scratch;
  runWinograd(call, sweep, scratch + turned.floats());
}

STRATA_END
