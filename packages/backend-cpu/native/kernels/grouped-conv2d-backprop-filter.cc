// groupedConv2dBackpropFilter(x, dy, dfilter, sizes, groups): the gradient of groupedConv2d with respect to its filter,
//   dfilter[t, u, c, g·O/G + o] = Σ over images and outputs (r, q):
//     x[n, r·stride + t·dilation − padTop, …, g·C/G + c] · dy[n, r, q, g·O/G + o].
// The channels of some groups are copied out, of some images at a time, and each group is a convolution of its own from
// there on. Chunks of images have sums of their own, added in order.
#include "conv/filter-gradient.h"
#include "conv/partial-sums.h"
#include "kernel.h"
#include "runtime/sizes.h"

STRATA_BEGIN

namespace {

/** Neighbouring channels that are copied out together, so that memory is read in long runs. */
constexpr size_t kCopied = 128;

/** Pieces consist of some groups and a chunk of images: a function of the sizes alone. */
struct Division {
  size_t groups;
  size_t bundles;
  size_t images;
  size_t chunks;
};

Division divide(const ConvSizes& group, size_t groups) {
  Division division = {};
  const size_t widest = group.inChannels > group.outChannels ? group.inChannels : group.outChannels;
  division.groups = least(groups, ceilDivide(kCopied, widest));
  division.bundles = ceilDivide(groups, division.groups);
  const size_t perImage = division.groups * (group.inputs() + group.outputs()) / group.batch;
  const size_t chunks = chunkCount(division.bundles, group.batch * perImage, group.filters() * groups);
  division.images = ceilDivide(group.batch, chunks);
  division.chunks = ceilDivide(group.batch, division.images);
  return division;
}

/** The channels of some groups, `width` each, of every pixel: to[g·stride + pixel·width + c] for channel g·width + c. */
void splitChannels(const float* from, size_t pixels, size_t pitch, size_t groups, size_t width, float* to,
                   size_t stride) {
  const size_t whole = width / kLanes * kLanes;
  for (size_t pixel = 0; pixel < pixels; ++pixel) {
    for (size_t g = 0; g < groups; ++g) {
      const float* source = from + pixel * pitch + g * width;
      float* target = to + g * stride + pixel * width;
      for (size_t c = 0; c < whole; c += kLanes) {
        store(target + c, load(source + c));
      }
      if (whole < width) {
        storePart(target + whole, loadPart(source + whole, width - whole), width - whole);
      }
    }
  }
}

}  // namespace

STRATA_KERNEL(groupedConv2dBackpropFilter) {
  const ConvSizes sizes = readConvSizes(call, 3);
  const size_t groups = readGroups(call, 4, sizes);
  const size_t filters = sizes.filters() / groups;
  const float* x = call.floats(0, sizes.inputs());
  const float* dy = call.floats(1, sizes.outputs());
  float* dfilter = call.floats(2, filters);
  if (call.failed() || filters == 0) {
    return;
  }
  if (sizes.outputs() == 0) {
    __builtin_memset(dfilter, 0, filters * sizeof(float));
    return;
  }
  ConvSizes group = sizes;
  group.inChannels = sizes.inChannels / groups;
  group.outChannels = sizes.outChannels / groups;
  const Division division = divide(group, groups);
  const size_t images = division.images;
  const size_t chunks = division.chunks;
  group.batch = images;
  const FilterPlan plan = planFilter(group);
  const WorkspaceSizes workspace = workspaceSizes(group, plan);
  const size_t threads = static_cast<size_t>(call.threads());
  const size_t inputFloats = roundUp(group.inputs());
  const size_t outputFloats = roundUp(group.outputs());
  const size_t sumFloats = roundUp(group.filters());
  const size_t perThread = division.groups * (inputFloats + outputFloats) + sumFloats + workspace.tailFloats +
                           workspace.unitFloats;
  const size_t partialFloats = chunks == 1 ? 0 : roundUp(filters);
  const size_t floats = partialFloats * chunks + perThread * threads;
  float* const partials = static_cast<float*>(
      call.scratch(floats * sizeof(float) + workspace.segments * threads * sizeof(Segment) +
                   (sizes.rows.outputs + sizes.columns.outputs) * sizeof(Stretch)));
  if (call.failed()) {
    return;
  }
  Stretch* rows = reinterpret_cast<Stretch*>(partials + floats);
  const size_t rowStretches = divideAxis(sizes.rows, rows);
  Stretch* columns = rows + rowStretches;
  const size_t columnStretches = divideAxis(sizes.columns, columns);
  Segment* segments = reinterpret_cast<Segment*>(columns + columnStretches);
  const size_t inPixels = sizes.rows.sources * sizes.columns.sources;
  const size_t outPixels = sizes.rows.outputs * sizes.columns.outputs;
  call.parallelFor(division.bundles * chunks, 1, [&](size_t begin, size_t end, int slot) {
    float* const inputs = partials + partialFloats * chunks + perThread * static_cast<size_t>(slot);
    float* const gradients = inputs + division.groups * inputFloats;
    float* const sum = gradients + division.groups * outputFloats;
    float* const tail = sum + sumFloats;
    const FilterWorkspace own = {tail, tail + workspace.tailFloats,
                                 segments + workspace.segments * static_cast<size_t>(slot)};
    for (size_t index = begin; index < end; ++index) {
      const size_t first = index % division.bundles * division.groups;
      const size_t count = least(division.groups, groups - first);
      const size_t chunk = index / division.bundles;
      const size_t image = chunk * images;
      ConvSizes part = group;
      part.batch = least(images, sizes.batch - image);
      splitChannels(x + image * inPixels * sizes.inChannels + first * part.inChannels, part.batch * inPixels,
                    sizes.inChannels, count, part.inChannels, inputs, inputFloats);
      splitChannels(dy + image * outPixels * sizes.outChannels + first * part.outChannels, part.batch * outPixels,
                    sizes.outChannels, count, part.outChannels, gradients, outputFloats);
      for (size_t g = 0; g < count; ++g) {
        filterGradient(part, plan, inputs + g * inputFloats, gradients + g * outputFloats, rows, rowStretches, columns,
                       columnStretches, sum, own);
        float* to = (chunks == 1 ? dfilter : partials + partialFloats * chunk) + (first + g) * part.outChannels;
        for (size_t row = 0; row < group.filters() / part.outChannels; ++row) {
          __builtin_memcpy(to + row * sizes.outChannels, sum + row * part.outChannels,
                           part.outChannels * sizeof(float));
        }
      }
    }
  });
  if (chunks > 1) {
    addPartialSums(call, partials, partialFloats, chunks, dfilter, filters);
  }
}

STRATA_END
