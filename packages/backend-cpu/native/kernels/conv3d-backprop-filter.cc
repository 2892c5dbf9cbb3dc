// conv3dBackpropFilter(x, dy, dfilter, sizes): the gradient of conv3d with respect to its filter, a conv2dBackpropFilter for
// every tap along the depth: over the frames of x and of dy that meet through it. Some of these frames are copied together at
// a time; chunks of them have sums of their own, added in order.
#include "conv/filter-gradient.h"
#include "conv/partial-sums.h"
#include "kernel.h"
#include "runtime/sizes.h"

STRATA_BEGIN

STRATA_KERNEL(conv3dBackpropFilter) {
  const VolumeSizes sizes = readVolumeSizes(call, 3);
  const Axis& depths = sizes.depths;
  const size_t filters = sizes.filters();
  const float* x = call.floats(0, sizes.inputs());
  const float* dy = call.floats(1, sizes.outputs());
  float* dfilter = call.floats(2, filters);
  if (call.failed() || filters == 0) {
    return;
  }
  ConvSizes frame = sizes.frame;
  const size_t batch = frame.batch;
  if (sizes.outputs() == 0) {
    __builtin_memset(dfilter, 0, filters * sizeof(float));
    return;
  }
  frame.batch = 1;
  const size_t inputFrame = frame.inputs();
  const size_t outputFrame = frame.outputs();
  const size_t frames = batch * depths.outputs;
  const size_t perChunk = ceilDivide(frames, chunkCount(depths.taps, frames * (inputFrame + outputFrame), filters));
  const size_t chunks = ceilDivide(frames, perChunk);
  frame.batch = perChunk;
  const FilterPlan plan = planFilter(frame);
  const WorkspaceSizes workspace = workspaceSizes(frame, plan);
  const size_t threads = static_cast<size_t>(call.threads());
  const size_t inputFloats = roundUp(frame.inputs());
  const size_t perThread = inputFloats + roundUp(frame.outputs()) + workspace.tailFloats + workspace.unitFloats;
  const size_t partialFloats = chunks == 1 ? 0 : roundUp(filters);
  const size_t floats = partialFloats * chunks + perThread * threads;
  float* const partials = static_cast<float*>(
      call.scratch(floats * sizeof(float) + workspace.segments * threads * sizeof(Segment) +
                   (frame.rows.outputs + frame.columns.outputs) * sizeof(Stretch)));
  if (call.failed()) {
    return;
  }
  Stretch* rows = reinterpret_cast<Stretch*>(partials + floats);
  const size_t rowStretches = divideAxis(frame.rows, rows);
  Stretch* columns = rows + rowStretches;
  const size_t columnStretches = divideAxis(frame.columns, columns);
  Segment* segments = reinterpret_cast<Segment*>(columns + columnStretches);
  call.parallelFor(depths.taps * chunks, 1, [&](size_t begin, size_t end, int slot) {
    float* const inputs = partials + partialFloats * chunks + perThread * static_cast<size_t>(slot);
    float* const gradients = inputs + inputFloats;
    float* const tail = inputs + perThread - workspace.tailFloats - workspace.unitFloats;
    const FilterWorkspace own = {tail, tail + workspace.tailFloats,
                                 segments + workspace.segments * static_cast<size_t>(slot)};
    for (size_t index = begin; index < end; ++index) {
      const size_t tap = index % depths.taps;
      const size_t chunk = index / depths.taps;
      float* sum = (chunks == 1 ? dfilter : partials + partialFloats * chunk) + tap * (filters / depths.taps);
      // Of all frames that meet this tap, those of this chunk.
      const OutputRange range = outputsOf(depths, tap);
      const size_t perVolume = range.end - range.begin;
      const size_t first = chunk * perChunk;
      const size_t last = least(first + perChunk, batch * perVolume);
      if (first >= last) {
        __builtin_memset(sum, 0, filters / depths.taps * sizeof(float));
        continue;
      }
      ConvSizes part = frame;
      part.batch = last - first;
      for (size_t i = first; i < last; ++i) {
        const size_t output = range.begin + i % perVolume;
        const size_t source = static_cast<size_t>(static_cast<ptrdiff_t>(output * depths.step + tap * depths.tapStep) +
                                                  depths.first);
        __builtin_memcpy(inputs + (i - first) * inputFrame,
                         x + (i / perVolume * depths.sources + source) * inputFrame, inputFrame * sizeof(float));
        __builtin_memcpy(gradients + (i - first) * outputFrame,
                         dy + (i / perVolume * depths.outputs + output) * outputFrame, outputFrame * sizeof(float));
      }
      filterGradient(part, plan, inputs, gradients, rows, rowStretches, columns, columnStretches, sum, own);
    }
  });
  if (chunks > 1) {
    addPartialSums(call, partials, partialFloats, chunks, dfilter, filters);
  }
}

STRATA_END
