// conv2dBackpropFilter(x, dy, dfilter, sizes): the gradient of conv2d with respect to its filter,
//   dfilter[t, u, c, o] = Σ over images and outputs (r, q): x[n, r·stride + t·dilation − padTop, q·stride + …, c] · dy[n, r, q, o].
// A product whose depth runs over the outputs that meet the image with tap (t, u). Images are divided into chunks, by
// sizes alone; each chunk has a partial sum of its own, and these are added in order: the bits of the result do not depend
// on the number of threads.
#include "conv/filter-gradient.h"
#include "conv/partial-sums.h"
#include "kernel.h"
#include "matmul/gemm.h"
#include "runtime/sizes.h"

STRATA_BEGIN

namespace {

/** From so many elements on, the filter of a pointwise convolution is divided among threads instead of the images. */
constexpr size_t kProductFilters = 8192;
/** Multiplications with addition that are worth handing to another thread. */
constexpr size_t kPieceWork = 400'000;

}  // namespace

STRATA_KERNEL(conv2dBackpropFilter) {
  const ConvSizes sizes = readConvSizes(call, 3);
  const size_t filters = sizes.filters();
  const float* x = call.floats(0, sizes.inputs());
  const float* dy = call.floats(1, sizes.outputs());
  float* dfilter = call.floats(2, filters);
  if (call.failed() || filters == 0) {
    return;
  }
  const size_t outputs = sizes.batch * sizes.rows.outputs * sizes.columns.outputs;
  if (outputs == 0) {
    __builtin_memset(dfilter, 0, filters * sizeof(float));
    return;
  }
  if (sizes.isPointwise() && filters >= kProductFilters) {
    const size_t inChannels = sizes.inChannels;
    const size_t outChannels = sizes.outChannels;
    const Product product = {inChannels,  outChannels, sizes.pixels(), x,           1,       inChannels,        dy,
                             outChannels, 1,           dfilter,        outChannels, nullptr, Activation::linear};
    multiply(call, product, 1, 0, 0);
    return;
  }
  const size_t threads = static_cast<size_t>(call.threads());
  const FilterPlan plan = planFilter(sizes);
  const WorkspaceSizes workspace = workspaceSizes(sizes, plan);
  const size_t partialFloats = plan.chunks == 1 ? 0 : roundUp(filters);
  const size_t workspaceFloats = workspace.tailFloats + workspace.unitFloats;
  const size_t floats = partialFloats * plan.chunks + workspaceFloats * threads;
  float* partials = static_cast<float*>(
      call.scratch(floats * sizeof(float) + workspace.segments * threads * sizeof(Segment) +
                   (sizes.rows.outputs + sizes.columns.outputs) * sizeof(Stretch)));
  if (call.failed()) {
    return;
  }
  float* const workspaces = partials + partialFloats * plan.chunks;
  Stretch* rows = reinterpret_cast<Stretch*>(partials + floats);
  const size_t rowStretches = divideAxis(sizes.rows, rows);
  Stretch* columns = rows + rowStretches;
  const size_t columnStretches = divideAxis(sizes.columns, columns);
  Segment* segments = reinterpret_cast<Segment*>(columns + columnStretches);
  const FilterGradient gradient = {sizes, plan, x, dy, rows, rowStretches, columns, columnStretches};

  // Units of work: rows of taps × panels of channels × chunks. Only the chunks decide how sums are rounded.
  const size_t panels = ceilDivide(sizes.outChannels, kTileColumns);
  const size_t units = sizes.rows.taps * panels;
  const size_t unitWork = outputs / plan.chunks * (filters / units + 1) + 1;
  // All units of a chunk by one thread, which then has its images in the cache, where that leaves enough pieces.
  const size_t grain = plan.chunks >= 4 * threads ? units : least(units, kPieceWork / unitWork + 1);
  call.parallelFor(plan.chunks * units, grain, [&](size_t begin, size_t end, int slot) {
    float* const mine = workspaces + static_cast<size_t>(slot) * workspaceFloats;
    const FilterWorkspace own = {mine, mine + workspace.tailFloats,
                                 segments + static_cast<size_t>(slot) * workspace.segments};
    for (size_t index = begin; index < end; ++index) {
      const size_t chunk = index / units;
      const size_t tap = index % units / panels;
      const size_t channel = index % panels * kTileColumns;
      addChunk(gradient, chunk, tap, channel, plan.chunks == 1 ? dfilter : partials + chunk * partialFloats, own);
    }
  });
  if (plan.chunks == 1) {
    return;
  }
  addPartialSums(call, partials, partialFloats, plan.chunks, dfilter, filters);
}

STRATA_END
