// depthwiseConv2d(x, filter, bias | null, y, sizes, activation): y[n, r, q, c·M + m] = activation(Σ over taps (t, u)
//   x[n, r·stride + t·dilation − padTop, …, c] · filter[t, u, c, m] + bias[c·M + m])
// with M = outChannels / inChannels; `sizes` as in conv/geometry.h, activations as in matmul.cc.
#include "conv/depthwise.h"
#include "kernel.h"
#include "runtime/sizes.h"

STRATA_BEGIN

namespace {

/** Products that are worth handing to another thread: they are cheap, but all their factors come from memory. */
constexpr size_t kPieceWork = 100'000;

}  // namespace

STRATA_KERNEL(depthwiseConv2d) {
  const ConvSizes sizes = readConvSizes(call, 4);
  const size_t outChannels = sizes.outChannels;
  const float* x = call.floats(0, sizes.inputs());
  const float* filter = call.floats(1, sizes.rows.taps * sizes.columns.taps * outChannels);
  const float* bias = call.has(2) ? call.floats(2, outChannels) : nullptr;
  float* y = call.floats(3, sizes.outputs());
  const size_t activation = call.size(5);
  const size_t times = sizes.inChannels == 0 ? 1 : outChannels / sizes.inChannels;
  if (!call.failed() && times * sizes.inChannels != outChannels) {
    call.fail("STRATA_BAD_ARGUMENT", "depthwiseConv2d: %zu output channels are no multiple of %zu", outChannels,
              sizes.inChannels);
  }
  if (call.failed() || sizes.outputs() == 0) {
    return;
  }
  const size_t sources = sizes.rows.sources * sizes.columns.sources;
  const size_t threads = static_cast<size_t>(call.threads());
  // With several outputs per channel, channels are repeated first.
  const size_t imageFloats = times == 1 ? 0 : roundUp(sources * outChannels);
  float* images = static_cast<float*>(call.scratch(
      imageFloats * threads * sizeof(float) + (sizes.rows.outputs + sizes.columns.outputs) * sizeof(Stretch)));
  if (call.failed()) {
    return;
  }
  Stretch* rows = reinterpret_cast<Stretch*>(images + imageFloats * threads);
  const size_t rowStretches = divideAxis(sizes.rows, rows);
  Stretch* columns = rows + rowStretches;
  const size_t columnStretches = divideAxis(sizes.columns, columns);
  const size_t rowWork = sizes.columns.outputs * outChannels * sizes.rows.taps * sizes.columns.taps;
  const size_t wanted = kPieceWork / rowWork + 1;
  const size_t height = times > 1 || wanted > sizes.rows.outputs ? sizes.rows.outputs : wanted;
  const size_t blocks = (sizes.rows.outputs + height - 1) / height;
  const size_t grain = kPieceWork / (rowWork * height) + 1;
  call.parallelFor(sizes.batch * blocks, grain, [=](size_t begin, size_t end, int slot) {
    for (size_t piece = begin; piece < end; ++piece) {
      const size_t image = piece / blocks;
      const size_t row = piece % blocks * height;
      const float* source = x + image * sources * sizes.inChannels;
      if (times > 1) {
        float* repeated = images + static_cast<size_t>(slot) * imageFloats;
        repeatEach(source, sources * sizes.inChannels, times, repeated);
        source = repeated;
      }
      const size_t outRow = sizes.columns.outputs * outChannels;
      const ptrdiff_t filterColumn = static_cast<ptrdiff_t>(outChannels);
      const DepthwiseSweep sweep = {sizes.rows,
                                    sizes.columns,
                                    source,
                                    outChannels,
                                    filter,
                                    static_cast<ptrdiff_t>(sizes.columns.taps) * filterColumn,
                                    filterColumn,
                                    y + image * sizes.rows.outputs * outRow,
                                    outRow,
                                    outChannels,
                                    bias,
                                    static_cast<Activation>(activation)};
      const size_t rowEnd = row + height < sizes.rows.outputs ? row + height : sizes.rows.outputs;
      sweepDepthwise(sweep, row, rowEnd, rows, rowStretches, columns, columnStretches);
    }
  });
}

STRATA_END
