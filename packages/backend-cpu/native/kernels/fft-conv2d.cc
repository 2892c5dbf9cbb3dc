// Convolution without stride or dilation, and its input's gradient, by Fourier transforms of `size` × `size`, a power of two no
// less than the filter's sides. Otherwise as the kernels without the prefix.
//   fftConv2d(x, filter, bias | null, y, sizes, activation, size)
//   fftConv2dBackpropInput(dy, filter, dx, sizes, size)
// What is not finite spreads over a pair of tiles.
#include "conv/fft-convolution.h"
#include "conv/turned-filter.h"
#include "kernel.h"

STRATA_BEGIN

namespace {

/** The grid of tiles that leaves room for all taps on both axes. */
TileGrid gridOf(size_t batch, const Axis& rows, const Axis& columns, size_t size) {
  return {batch, rows, columns, size + 1 - (rows.taps > columns.taps ? rows.taps : columns.taps)};
}

}  // namespace

STRATA_KERNEL(fftConv2d) {
  const ConvSizes sizes = readConvSizes(call, 4);
  const size_t activation = call.size(5);
  const size_t size = call.size(6);
  checkFourier(call, sizes, size);
  const FourierSweep sweep = {size,
                              gridOf(sizes.batch, sizes.rows, sizes.columns, size),
                              call.floats(0, sizes.inputs()),
                              sizes.inChannels,
                              call.floats(1, sizes.filters()),
                              sizes.inChannels * sizes.outChannels,
                              sizes.outChannels,
                              sizes.outChannels,
                              call.floats(3, sizes.outputs()),
                              call.has(2) ? call.floats(2, sizes.outChannels) : nullptr,
                              static_cast<Activation>(activation)};
  if (call.failed() || sizes.outputs() == 0) {
    return;
  }
  const size_t floats = fourierSweepScratch(sweep, static_cast<size_t>(call.threads()));
  float* scratch = static_cast<float*>(call.scratch(floats * sizeof(float)));
  if (!call.failed()) {
    runFourierSweep(call, sweep, scratch);
  }
}

STRATA_KERNEL(fftConv2dBackpropInput) {
  const ConvSizes sizes = readConvSizes(call, 3);
  const size_t size = call.size(4);
  checkFourier(call, sizes, size);
  const float* dy = call.floats(0, sizes.outputs());
  const float* filter = call.floats(1, sizes.filters());
  float* dx = call.floats(2, sizes.inputs());
  if (call.failed() || sizes.inputs() == 0) {
    return;
  }
  const TurnedFilter turned(sizes);
  FourierSweep sweep = {size,
                        gridOf(sizes.batch, phaseOf(sizes.rows, 0).axis, phaseOf(sizes.columns, 0).axis, size),
                        dy,
                        sizes.outChannels,
                        nullptr,
                        turned.tapStride,
                        turned.width,
                        sizes.inChannels,
                        dx,
                        nullptr,
                        Activation::linear};
  const size_t floats = turned.floats() + fourierSweepScratch(sweep, static_cast<size_t>(call.threads()));
  float* const scratch = static_cast<float*>(call.scratch(floats * sizeof(float)));
  if (call.failed()) {
    return;
  }
  turned.write(filter, sizes, scratch);
  sweep.filter = scratch;
  runFourierSweep(call, sweep, scratch + turned.floats());
}

STRATA_END
