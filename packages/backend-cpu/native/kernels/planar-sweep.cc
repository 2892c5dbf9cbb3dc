#include "conv/planar-sweep.h"

#include "conv/planes.h"
#include "kernel.h"
#include "runtime/sizes.h"

STRATA_BEGIN

namespace {

/** Multiplications with addition that are worth handing to another thread. */
constexpr size_t kPieceWork = 400'000;
/** Planes and results that are worked with at a time (1 MiB): they are to stay in the second-level cache. */
constexpr size_t kPieceFloats = 256 * 1024;
/** Neighbouring channels that are turned together: with a cache line at a time the sweep takes a third longer. */
constexpr size_t kTurned = 128;

/** How a sweep is divided. No result depends on it. */
struct Plan {
  /** Channels and outputs of a group. */
  size_t channels;
  size_t outputs;
  Planes planes;
  /** Output rows, and groups, that are computed at a time. */
  size_t height;
  size_t blocks;
  size_t groups;
  size_t bundles;
  /** Floats from a channel of the results to the next. */
  size_t result;
  /** Floats that a thread works with. */
  size_t floats;
};

Plan planSweep(const PlanarSweep& sweep, int threads) {
  const Axis& down = sweep.sizes.rows;
  const Axis& across = sweep.sizes.columns;
  Plan plan = {};
  plan.channels = sweep.channels() / sweep.groups;
  plan.outputs = sweep.outChannels() / sweep.groups;
  const size_t fewest = plan.channels < plan.outputs ? plan.channels : plan.outputs;
  plan.groups = least(sweep.groups, fewest == 0 ? 1 : ceilDivide(kTurned, fewest));
  plan.bundles = ceilDivide(sweep.groups, plan.groups);
  const size_t rows = ceilDivide(sweep.outRows(), waysAlong(down, sweep.gradient));
  const size_t columns = ceilDivide(sweep.outColumns(), waysAlong(across, sweep.gradient));

  const auto divide = [&](size_t height) {
    plan.height = height;
    plan.blocks = ceilDivide(rows, height);
    plan.planes = planesOf(planeAxis(down, sweep.gradient, height), planeAxis(across, sweep.gradient, columns));
    plan.result = roundUp(height * plan.planes.pitch());
    plan.floats = roundUp(plan.groups * (plan.channels * plan.planes.channel + plan.outputs * plan.result));
  };
  divide(rows);
  const size_t rowWork = sweep.sizes.columns.outputs * sweep.taps() * plan.groups * plan.channels * plan.outputs;
  const size_t wanted = 8 * static_cast<size_t>(threads);
  while (plan.height > 1 &&
         (plan.floats > kPieceFloats ||
          (sweep.sizes.batch * plan.bundles * plan.blocks < wanted && plan.height * rowWork > 2 * kPieceWork))) {
    const size_t half = (plan.height + 1) / 2;
    // Sources that a filter reaches beyond a block are turned twice: not more of them than of the block's own.
    if (half * plan.planes.rows.step < plan.planes.rows.reach) {
      break;
    }
    divide(half);
  }
  return plan;
}

/** A group's filter as [taps, channels, outputs of the sweep]. */
void gatherFilter(const PlanarSweep& sweep, const Plan& plan, size_t group, float* to) {
  const size_t pitch = sweep.sizes.outChannels;
  const size_t inputs = sweep.sizes.inChannels / sweep.groups;
  const size_t width = pitch / sweep.groups;
  const float* from = sweep.filter + group * width;
  for (size_t tap = 0; tap < sweep.taps(); ++tap) {
    if (sweep.gradient) {
      turn(from, pitch, inputs, width, to, inputs);
    } else {
      for (size_t c = 0; c < plan.channels; ++c) {
        __builtin_memcpy(to + c * width, from + c * pitch, width * sizeof(float));
      }
    }
    from += inputs * pitch;
    to += inputs * width;
  }
}

/** Where filter and planes meet, one segment for each tap; gives their number. */
size_t placeTaps(const PlanarSweep& sweep, const Plan& plan, const TapWay& rows, const TapWay& columns,
                 Segment* segments) {
  const size_t weights = plan.channels * plan.outputs;
  size_t count = 0;
  for (size_t t = 0; t < rows.axis.taps; ++t) {
    for (size_t u = 0; u < columns.axis.taps; ++u) {
      const size_t row = static_cast<size_t>(rows.tap + static_cast<ptrdiff_t>(t) * rows.tapStep);
      const size_t column = static_cast<size_t>(columns.tap + static_cast<ptrdiff_t>(u) * columns.tapStep);
      segments[count++] = {
          (row * sweep.sizes.columns.taps + column) * weights,
          plan.planes.offset(static_cast<size_t>(rows.axis.first - plan.planes.rows.first) + t * rows.axis.tapStep,
                             static_cast<size_t>(columns.axis.first - plan.planes.columns.first) +
                                 u * columns.axis.tapStep)};
    }
  }
  return count;
}

/** `count` results of one group, from planes to planes. */
void computeGroup(const Plan& plan, const float* filter, const float* planes, const Segment* segments, size_t taps,
                  size_t count, float* results) {
  Tile tile = {};
  tile.segments = segments;
  tile.segmentCount = taps;
  tile.depth = plan.channels;
  tile.aStride = plan.outputs;
  tile.bStride = plan.planes.channel;
  tile.cStride = plan.result;
  tile.activation = Activation::linear;
  for (size_t pixel = 0; pixel < count; pixel += kTileColumns) {
    tile.columns = least(kTileColumns, count - pixel);
    tile.b = planes + pixel;
    const size_t tiles = ceilDivide(plan.outputs, tileRows(tile.columns));
    size_t row = 0;
    for (size_t t = 0; t < tiles; ++t) {
      const size_t height = plan.outputs / tiles + (t < plan.outputs % tiles ? 1 : 0);
      tile.a = filter + row;
      tile.c = results + row * plan.result + pixel;
      tileFunction(Order::rows, height, tile.columns)(tile);
      row += height;
    }
  }
}

/** Bias and activation of `count` results of one channel. */
void finish(const PlanarSweep& sweep, size_t channel, size_t count, float* results) {
  if (sweep.bias != nullptr) {
    const Vector bias = broadcast(sweep.bias[channel]);
    // There is room for whole vectors.
    for (size_t i = 0; i < count; i += kLanes) {
      store(results + i, load(results + i) + bias);
    }
  }
  activate(sweep.activation, results, count);
}

}  // namespace

bool suitsPlanes(const PlanarSweep& sweep) {
  // Up to so many columns, a tile over NHWC leaves most of its vectors empty, or is half a vector wide (measured).
  constexpr size_t kFewOutputs = kLanes == 16 ? 12 : (kLanes == 8 ? 4 : 3);
  const size_t outputs = sweep.outChannels();
  return outputs <= kFewOutputs && sweep.channels() >= outputs &&
         sweep.outRows() * sweep.outColumns() >= kTileColumns * sweep.sizes.rows.step * sweep.sizes.columns.step;
}

void runPlanarSweep(Call& call, const PlanarSweep& sweep) {
  const Plan plan = planSweep(sweep, call.threads());
  const Planes& planes = plan.planes;
  const size_t threads = static_cast<size_t>(call.threads());
  const size_t weights = sweep.taps() * plan.channels * plan.outputs;
  const size_t filterFloats = roundUp(weights * sweep.groups);
  float* const filters = static_cast<float*>(call.scratch((filterFloats + plan.floats * threads) * sizeof(float) +
                                                          sweep.taps() * threads * sizeof(Segment)));
  if (call.failed()) {
    return;
  }
  float* const workspaces = filters + filterFloats;
  Segment* const segments = reinterpret_cast<Segment*>(workspaces + plan.floats * threads);
  for (size_t group = 0; group < sweep.groups; ++group) {
    gatherFilter(sweep, plan, group, filters + group * weights);
  }
  const size_t channels = sweep.channels();
  const size_t outChannels = sweep.outChannels();
  const size_t imageSize = planes.rows.sources * planes.columns.sources * channels;
  const size_t pitch = sweep.outColumns() * outChannels;
  const size_t perImage = plan.bundles * plan.blocks;
  call.parallelFor(sweep.sizes.batch * perImage, 1, [&](size_t begin, size_t end, int slot) {
    float* const mine = workspaces + plan.floats * static_cast<size_t>(slot);
    float* const results = mine + plan.groups * plan.channels * planes.channel;
    Segment* const places = segments + sweep.taps() * static_cast<size_t>(slot);
    for (size_t index = begin; index < end; ++index) {
      const size_t image = index / perImage;
      const size_t group = index % perImage / plan.blocks * plan.groups;
      const size_t groups = least(plan.groups, sweep.groups - group);
      const size_t block = index % plan.blocks * plan.height;
      fillPlanes(planes, sweep.source + image * imageSize + group * plan.channels, channels, groups * plan.channels,
                 block, mine);
      for (size_t i = 0; i < waysAlong(sweep.sizes.rows, sweep.gradient); ++i) {
        const TapWay rows = wayAlong(sweep.sizes.rows, sweep.gradient, i);
        if (rows.axis.outputs <= block) {
          continue;
        }
        const size_t height = least(plan.height, rows.axis.outputs - block);
        for (size_t j = 0; j < waysAlong(sweep.sizes.columns, sweep.gradient); ++j) {
          const TapWay columns = wayAlong(sweep.sizes.columns, sweep.gradient, j);
          if (columns.axis.outputs == 0) {
            continue;
          }
          const size_t count = (height - 1) * planes.pitch() + columns.axis.outputs;
          const size_t taps = placeTaps(sweep, plan, rows, columns, places);
          for (size_t g = 0; g < groups; ++g) {
            computeGroup(plan, filters + (group + g) * weights, mine + g * plan.channels * planes.channel, places, taps,
                         count, results + g * plan.outputs * plan.result);
          }
          for (size_t channel = 0; channel < groups * plan.outputs; ++channel) {
            finish(sweep, group * plan.outputs + channel, count, results + channel * plan.result);
          }
          for (size_t r = 0; r < height; ++r) {
            float* out = sweep.out + (image * sweep.outRows() + rows.first + (block + r) * rows.step) * pitch +
                         columns.first * outChannels + group * plan.outputs;
            turn(results + r * planes.pitch(), plan.result, groups * plan.outputs, columns.axis.outputs, out,
                 columns.step * outChannels);
          }
        }
      }
    }
  });
}

STRATA_END
