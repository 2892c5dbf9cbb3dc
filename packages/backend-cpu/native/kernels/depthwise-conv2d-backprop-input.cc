// depthwiseConv2dBackpropInput(dy, filter, dx, sizes): the gradient of depthwiseConv2d with respect to its input,
//   dx[n, h, w, c] = Σ over m, taps (t, u) and outputs (r, q) that read (h, w) through them: filter[t, u, c, m] · dy[n, r, q, c·M + m].
// A sweep over dy for every phase, as in conv2dBackpropInput.
#include "conv/depthwise.h"
#include "kernel.h"
#include "runtime/sizes.h"

STRATA_BEGIN

namespace {

/** The sums of `times` neighbours each: to[i] = Σ over j of from[i·times + j]. */
void addNeighbours(const float* from, size_t n, size_t times, float* to) {
  for (size_t i = 0; i < n; ++i) {
    float sum = from[i * times];
    for (size_t j = 1; j < times; ++j) {
      sum += from[i * times + j];
    }
    to[i] = sum;
  }
}

}  // namespace

STRATA_KERNEL(depthwiseConv2dBackpropInput) {
  const ConvSizes sizes = readConvSizes(call, 3);
  const size_t outChannels = sizes.outChannels;
  const float* dy = call.floats(0, sizes.outputs());
  const float* filter = call.floats(1, sizes.rows.taps * sizes.columns.taps * outChannels);
  float* dx = call.floats(2, sizes.inputs());
  const size_t times = sizes.inChannels == 0 ? 1 : outChannels / sizes.inChannels;
  if (!call.failed() && times * sizes.inChannels != outChannels) {
    call.fail("STRATA_BAD_ARGUMENT", "depthwiseConv2dBackpropInput: %zu output channels are no multiple of %zu",
              outChannels, sizes.inChannels);
  }
  if (call.failed() || sizes.inputs() == 0) {
    return;
  }
  if (outChannels == 0) {
    __builtin_memset(dx, 0, sizes.inputs() * sizeof(float));
    return;
  }
  const size_t inputs = sizes.rows.sources * sizes.columns.sources;
  const size_t threads = static_cast<size_t>(call.threads());
  // With several outputs per channel, their gradients are added last.
  const size_t imageFloats = times == 1 ? 0 : roundUp(inputs * outChannels);
  const size_t stretchBound = sizes.rows.sources + sizes.columns.sources;
  float* images = static_cast<float*>(
      call.scratch((imageFloats * sizeof(float) + stretchBound * sizeof(Stretch) + 64) * threads));
  if (call.failed()) {
    return;
  }
  Stretch* stretches = reinterpret_cast<Stretch*>(images + imageFloats * threads);
  const size_t work = inputs * outChannels * sizes.rows.taps * sizes.columns.taps;
  const size_t grain = 100'000 / (work + 1) + 1;
  call.parallelFor(sizes.batch, grain, [=](size_t begin, size_t end, int slot) {
    const size_t thread = static_cast<size_t>(slot);
    for (size_t image = begin; image < end; ++image) {
      float* gradient = dx + image * inputs * sizes.inChannels;
      float* out = times == 1 ? gradient : images + thread * imageFloats;
      const size_t pitch = sizes.columns.sources * outChannels;
      const ptrdiff_t filterColumn = static_cast<ptrdiff_t>(outChannels);
      const ptrdiff_t filterRow = static_cast<ptrdiff_t>(sizes.columns.taps) * filterColumn;
      for (size_t p = 0; p < sizes.rows.step; ++p) {
        for (size_t q = 0; q < sizes.columns.step; ++q) {
          const Phase down = phaseOf(sizes.rows, p);
          const Phase across = phaseOf(sizes.columns, q);
          Stretch* rows = stretches + thread * stretchBound;
          const size_t rowStretches = divideAxis(down.axis, rows);
          Stretch* columns = rows + rowStretches;
          const size_t columnStretches = divideAxis(across.axis, columns);
          const DepthwiseSweep sweep = {
              down.axis,
              across.axis,
              dy + image * sizes.rows.outputs * sizes.columns.outputs * outChannels,
              outChannels,
              filter + static_cast<ptrdiff_t>(down.tap) * filterRow + static_cast<ptrdiff_t>(across.tap) * filterColumn,
              -static_cast<ptrdiff_t>(down.tapStep) * filterRow,
              -static_cast<ptrdiff_t>(across.tapStep) * filterColumn,
              out + down.input * pitch + across.input * outChannels,
              sizes.rows.step * pitch,
              sizes.columns.step * outChannels,
              nullptr,
              Activation::linear};
          sweepDepthwise(sweep, 0, down.axis.outputs, rows, rowStretches, columns, columnStretches);
        }
      }
      if (times > 1) {
        addNeighbours(out, inputs * sizes.inChannels, times, gradient);
      }
    }
  });
}

STRATA_END
